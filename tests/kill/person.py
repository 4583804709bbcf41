"""The person of the story: asks, approves the plan and each merge, and asks again where the hub does not answer."""

import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from tests.kill.hub import STORY, KillHub

Json = dict[str, Any]
PATIENCE = 3.0  # seconds until a person asks again
UNDISTURBED = 60.0  # seconds for what is asked before the first blow: once
AWAY = (500, 502, 503)  # main-api answers, and its database is away


class Person(threading.Thread):
    """Carries one request to its merged end, while the test strikes. `project` is known once it is made;
    `has_asked` is set once the request is in the hub's hands."""

    def __init__(self, hub: KillHub, name: str, request: str = "One word, please.", seconds: float = 180) -> None:
        super().__init__(daemon=True)
        self.workspace = _workspace(hub.settings.workspaces / name)
        self.project: Json = {}
        self.has_asked = threading.Event()
        self._request, self._seconds = request, seconds
        self._until = 0.0
        self._error: BaseException | None = None
        headers = {"Authorization": f"Bearer {hub.settings.environment['WFHUB_TOKEN']}"}
        self._http = httpx.Client(
            base_url=hub.settings.main_api_url, headers=headers, timeout=PATIENCE, trust_env=False
        )

    def run(self) -> None:
        try:
            self._until = time.monotonic() + self._seconds
            self._tell()
        except BaseException as error:  # noqa: BLE001  (given to the test by `over`)
            self._error = error
        finally:
            self._http.close()

    def over(self) -> None:
        """Waits for the end of the story; what went wrong in it is raised here."""
        self.join(self._seconds + 60)
        assert not self.is_alive(), "the story hangs"
        if self._error is not None:
            raise self._error

    def _tell(self) -> None:
        settings = {
            "models": {"default": "scripted/cell"}, "junit": ".workflow/junit.xml",
            "commands": {"test": "sh run-tests.sh", "e2e": "sh run-tests.sh"},
        }  # fmt: skip
        name = self.workspace.name
        self.project = self._call("POST", "/projects", name=name, workspace_path=str(self.workspace), workflow="cell",
                                  settings=settings)  # fmt: skip
        self._call("POST", "/requests", project_id=self.project["id"], text=self._request)
        self.has_asked.set()
        after = 0
        while time.monotonic() < self._until:
            news = self._call("GET", f"/events?project_id={self.project['id']}&after={after}")
            for event in news:
                after = event["seq"]
                if self._answers(event["kind"], event["data"]):
                    return
            if not news:
                time.sleep(0.03)
        raise AssertionError(f"not done within {self._seconds:.0f} s")

    def _answers(self, kind: str, data: Json) -> bool:
        match kind:
            case "plan.waiting":
                self._approve(f"/plans/{data['plan_id']}", "waiting")
            case "approval.asked":
                self._approve(f"/approvals/{data['approval_id']}", "asked")
            case "task.waiting" if data["reason"] not in ("approval", None):
                raise AssertionError(f"it waits for a person: {data['reason']}: {data['sentence']}")
            case "request.failed":
                raise AssertionError(f"there is no plan: {data['sentence']}")
            case "plan.done":
                return True
        return False

    def _approve(self, path: str, asked: str) -> None:
        """An answer that got lost on its way was heard all the same: so look before asking again."""
        while self._call("GET", path)["state"] == asked:
            try:
                answer = self._http.post(f"{path}/approve", json={})
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            assert answer.status_code < 500 or answer.status_code in AWAY, answer.text
            assert time.monotonic() < self._until, answer.text

    def _call(self, method: str, path: str, **body: Any) -> Any:
        while True:
            try:
                timeout = PATIENCE if self.has_asked.is_set() else UNDISTURBED
                answer = self._http.request(method, path, json=body or None, timeout=timeout)
            except httpx.TransportError:
                assert method == "GET" or not self.project, f"{method} {path}: main-api is away"
                assert time.monotonic() < self._until, "main-api stays away"
                time.sleep(0.05)
                continue
            if answer.status_code in AWAY and method == "GET" and time.monotonic() < self._until:
                time.sleep(0.05)
                continue
            assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text}"
            return answer.json()


def git(folder: Path, *args: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _workspace(folder: Path) -> Path:
    shutil.copytree(STORY / "project", folder)
    identity = ("-c", "user.name=p", "-c", "user.email=p@x")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, *identity, "commit", "-qm", "first", "--date=2026-01-01T00:00:00Z")
    return folder
