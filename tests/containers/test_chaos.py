"""The demo's story while containers are killed at every stage and the engine is restarted: it ends as ever, and a page
that was open all the time shows it."""

import io
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from rich.console import Console

from services.demo.errors import HubRefused
from services.demo.hub_client import HubClient
from services.demo.narrator import Narrator
from services.demo.story import Wish, tell
from tests.containers.test_journey import page  # noqa: F401 - the browser
from tests.containers.test_story import REQUEST, merges, rows
from tests.support import engine
from tests.support.container_hub import ByName, ContainerHub, sample

PATIENCE = 300  # seconds in which a call gets through


class Patient(HubClient):
    """A person who tries again: what did not answer may have been done all the same."""

    def _call(self, method: str, path: str, **options: Any) -> Any:
        until, tried = time.monotonic() + PATIENCE, False
        while True:
            try:
                return super()._call(method, path, **options)
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
            except HubRefused as refused:
                # Caddy's own words have no way out; of the database the hub says so.
                away = not refused.way_out or "Try again" in refused.way_out
                if tried and method == "POST" and not away:
                    return {}
                if not away or time.monotonic() > until:
                    raise
            tried = True
            time.sleep(0.3)


class Saboteur(Narrator):
    """Strikes at what happens in the story, each time at another container."""

    def __init__(self, hub: ContainerHub) -> None:
        super().__init__(Console(file=io.StringIO()))
        self._hub = hub
        self._strikes = iter(("agent-api", "orchestrator", "main-api", "agent-api-2", "db", "caddy", "the engine",
                              "orchestrator-2", "stack"))  # fmt: skip
        self._seen = 0
        self.done: list[str] = []

    def event(self, event: dict[str, Any]) -> None:
        super().event(event)
        if event["kind"] not in ("run.started", "run.passed", "run.failed"):
            return
        self._seen += 1
        if self._seen % 2 and (target := next(self._strikes, None)) is not None:
            self._strike(target)
            self.done.append(target)

    def _strike(self, target: str) -> None:
        begun = time.monotonic()
        if target == "the engine":
            if not engine.restart(self._hub.environment):
                for name in ("agent-api", "agent-api-2", "main-api", "db"):
                    self._hub.kill(name)
        else:
            self._hub.kill(target)
        print(f"{target} is struck, {time.monotonic() - begun:.1f} s")


@pytest.mark.aider
def test_the_story_survives_kills_at_every_stage_and_a_restart_of_the_engine(
    hub: ContainerHub,
    page: Page,  # noqa: F811
) -> None:
    with ThreadPoolExecutor(1) as own_loop:  # Playwright's loop runs in this thread
        workspace = own_loop.submit(sample, hub, "till in a storm").result()
    page.goto(hub.sign_in_link())
    client, saboteur = Patient(hub.url, hub.token, ByName(hub.ca)), Saboteur(hub)
    before = rows(hub, "SELECT count(*) FROM tasks")[0][0]
    page.goto(f"{hub.url}/chat.html")
    wish = Wish("Storm", str(workspace), REQUEST, "scripted/demo", silent_seconds=480)
    begun = time.monotonic()
    outcome = tell(client, saboteur, wish, ask=lambda _: True)
    print(f"the story took {time.monotonic() - begun:.0f} s under {len(saboteur.done)} strikes")
    assert {"agent-api", "orchestrator", "main-api", "agent-api-2", "db", "caddy", "the engine"} <= set(saboteur.done)
    assert [task["state"] for task in outcome.tasks] == ["done"] * 3
    assert len(merges(workspace)) == 3
    assert rows(hub, "SELECT count(*) FROM tasks")[0][0] == int(str(before)) + 3
    assert rows(hub, "SELECT count(*) FROM runs WHERE state IN ('queued', 'running')") == [(0,)]
    assert {path.stat().st_uid for path in Path(workspace).rglob("*")} == {hub.settings.uid}
    page.goto(f"{hub.url}/chat.html?project={outcome.project['id']}")
    done = page.get_by_role("region", name="Done")
    for task in outcome.tasks:
        expect(done.locator(f"[data-task='{task['key']}']")).to_contain_text("merged", timeout=180_000)
    hub.stack.start()
    assert {one.name: one.complaint for one in hub.stack.status() if one.state != "well"} == {}
