"""docs/agent-api.md is run as it stands."""

import os
import re
import subprocess
from pathlib import Path

from tests.integration.agent.conftest import ROOT, TOKEN, RunningAgent

PAGE = ROOT / "docs" / "agent-api.md"


def test_every_command_of_the_page(shared_agent: RunningAgent, tmp_path: Path) -> None:
    workspace = shared_agent.home.parent / "workspaces" / "poc"
    workspace.mkdir(parents=True)
    (workspace / ".env").write_text("SECRET=1\n")
    setup, *blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert "WFHUB_TOKEN" in setup and sum(block.count("curl ") for block in blocks) >= 15
    given = {
        "PATH": os.environ["PATH"], "AGENT": str(shared_agent.http.base_url).rstrip("/"),
        "JSON": "Content-Type: application/json",
        "AUTH": f"Authorization: Bearer {TOKEN}", "WORKSPACE": str(workspace), "no_proxy": "*",
    }  # fmt: skip
    for block in blocks:
        script = "set -e\n" + block.replace("curl -f", "curl -sS --fail-with-body")
        done = subprocess.run(
            ["bash", "-c", script], env=given, cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout[-800:] + done.stderr
        print(done.stdout)
    assert (workspace / "hello.py").read_text() == "def hello():\n    return 3\n"
