"""Commands that fork without end, hang, print a gigabyte or ask: each job ends with what a person needs to know."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.agent.conftest import RunningAgent, command

GIGABYTE = "yes 'a line of some length, over and over' | head -c 1000000000; echo done at last"
UNRULY: dict[str, tuple[str, dict[str, Any], tuple[str, str], str]] = {
    "prints a gigabyte": (GIGABYTE, {"output_bytes": 50_000}, ("output_limit", "stopped at its output limit"), "over"),
    "asks on its input": ("read -r answer || { echo nobody answers; exit 3; }", {}, ("", "exit code 3"), "nobody"),
    "asks on the terminal": ("read -r answer </dev/tty", {}, ("", "exit code 1"), "/dev/tty"),
    "forks": (
        "bomb() { bomb | bomb & }; bomb; sleep 600", {"processes": 60, "stall_seconds": 4}, ("stall", "4 seconds"), "",
    ),
    "hangs": (
        "trap '' TERM INT HUP; echo begun; sleep 600", {"stall_seconds": 6}, ("stall", "Nothing moved for 6"), "begun",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNRULY)
def test_it_ends_and_says_why(shared_agent: RunningAgent, worktree: Path, name: str) -> None:
    line, limits, (reason, sentence), printed = UNRULY[name]
    spec = command(worktree, line, step=name.replace(" ", "-"), limits={"run_seconds": 40, **limits})
    shared_agent.put(spec)
    result = shared_agent.finished(spec)["result"]
    told = result["reason"] or "", result["sentence"]
    assert told[0] in (reason, "time_limit") if name == "forks" else told[0] == reason, told
    assert sentence in told[1] or told[0] == "time_limit"
    (log,) = result["artifacts"]
    kept = shared_agent.http.get(f"/jobs/{spec['run_id']}/{spec['step']}/artifacts/{log['sha256']}").text
    assert printed in kept and len(kept) < 100_000
