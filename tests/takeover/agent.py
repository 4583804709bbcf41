"""A real agent-api whose executors do as the test says: `python -m tests.takeover.agent`.

It waits in a job while a file `hold-<role>` or `hold-<step>` lies in the folder GATES, and writes down in
`started.jsonl` each job it begins, so that a test counts what was really started.
"""

import asyncio
import json
import os
from pathlib import Path

import uvicorn

from agent_api.app import create_app
from agent_api.executors import Job, Registry
from agent_api.settings import AgentSettings
from services.contract.run_result import RunResult, TestCase, TestReport

GATES = Path(os.environ.get("GATES", "."))
REPORT = TestReport(
    passed=1, failed=0, errors=0, skipped=0, seconds=0.1, cases=(TestCase(id="t::old", outcome="passed"),)
)


class Waiting:
    """All executors at once: edits, tests, scans and judges in an instant, once it may."""

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings

    async def run(self, job: Job) -> RunResult:
        spec = job.spec
        with (GATES / "started.jsonl").open("a") as file:
            file.write(json.dumps([spec.run_id, spec.step, job.incarnation]) + "\n")
        job.emit("output", f"{spec.role} works")
        while any((GATES / f"hold-{name}").exists() for name in (spec.role, spec.step)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        match spec.settings.executor:
            case "aider":
                name = f"{spec.task_key}-{spec.role}.txt"
                (job.worktree / name).write_text(f"by {spec.role}\n")
                return RunResult(outcome="completed", files_touched=(name,))
            case "command":
                job.keep("junit.xml", "test_result", f"<{spec.run_id}/>".encode(), "application/xml")
                return RunResult(outcome="completed", exit_code=0, tests=REPORT)
            case "tools":
                return RunResult(outcome="completed", answer={"checks": []})
            case _:
                return RunResult(outcome="completed")

    async def close(self) -> None:
        """Nothing is open."""


def main() -> None:
    settings = AgentSettings()  # type: ignore[call-arg]
    names: dict[str, str] = dict.fromkeys(("aider", "tools", "command", "scan"), "tests.takeover.agent:Waiting")
    app = create_app(settings, Registry(settings, names))
    uvicorn.run(app, host="127.0.0.1", port=settings.agent_api_port, log_level="warning")


if __name__ == "__main__":
    main()
