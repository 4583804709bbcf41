"""The time between a request and its plan, as one sees it on a terminal."""

import time
from dataclasses import dataclass
from typing import Any

from services.cli import printing
from services.cli.run_lines import Lines
from services.demo.hub_client import HubClient

Json = dict[str, Any]
LOOK_SECONDS = 0.25
OVER = ("planned", "failed", "closed")
LINES = 2_000


@dataclass(frozen=True)
class Planned:
    """`plan` is None where planning failed or was dropped; `request` says why."""

    request: Json
    plan: Json | None
    questions: list[Json]


def wait_for_plan(client: HubClient, request_id: int, *, quiet: bool, beyond: int | None = None) -> Planned:
    """Until there is a plan newer than `beyond`. What the PM thinks and looks at is printed as it happens.

    A request waits as long as its models and agents need; Ctrl C leaves it, and it goes on.
    """
    telling = _Telling(client, quiet)
    while True:
        request = client.get(f"/requests/{request_id}")
        new = [number for number in request["plan_ids"] if beyond is None or number > beyond]
        telling.tell(request)
        if new and request["state"] not in ("new", "planning"):
            plan = client.get(f"/plans/{max(new)}")
            return Planned(
                request, plan, client.listed("/questions", 200, plan_id=plan["id"], state="asked", sort="id").rows
            )
        if request["state"] in OVER and not (beyond is not None and request["state"] == "planned"):
            return Planned(request, None, [])
        time.sleep(LOOK_SECONDS)


class _Telling:
    """Prints what the planning run said since the last look, and what it waits for."""

    def __init__(self, client: HubClient, quiet: bool) -> None:
        self._client, self._quiet = client, quiet
        self._after: dict[tuple[str, str], int] = {}
        self._sentence, self._lines = "", Lines()

    def tell(self, request: Json) -> None:
        if self._quiet:
            return
        if request["sentence"] and request["sentence"] != self._sentence:
            self._sentence = request["sentence"]
            printing.progress(self._sentence)
        run = request["run_id"]
        if run is None:
            return
        for step in self._client.get(f"/runs/{run}/output", limit=1)["steps"]:
            self._tell_step(run, step)

    def _tell_step(self, run: str, step: str) -> None:
        after = self._after.get((run, step), 0)
        page = self._client.get(f"/runs/{run}/output", step=step, after=after, limit=LINES)
        for event in page["events"]:
            for text in self._lines.of(event):
                printing.out.print(f"  {text}")
        self._after[run, step] = page["last_seq"]
