"""The tutorial is walked from its first command to the merged change; the scripted model stands for Ollama."""

from pathlib import Path

import pytest

from tests.support.documented import DOCS, blocks, run
from tests.support.local_hub import local_hub
from tests.support.ports import free_port

SCENARIO = Path(__file__).parents[2] / "support" / "scenarios" / "tutorial.yaml"


@pytest.mark.aider
@pytest.mark.timeout(900)
def test_the_tutorial_ends_with_a_merged_change(tmp_path: Path) -> None:
    port = str(free_port())
    ollama = {"SCRIPTED_MODEL_PORT": port, "OLLAMA_URL": f"http://127.0.0.1:{port}"}
    with local_hub(tmp_path / "hub", SCENARIO, **ollama) as hub:
        page = [block.text for block in blocks(DOCS / "tutorial.md") if not block.not_run]
        said = run(hub, page, tmp_path / "home", seconds=560)
    assert "Hello, Ada, Grace and Edsger!" in said.splitlines()[-1], said
    code = tmp_path / "home" / "code" / "greeter"
    assert "greet_all" in (code / "README.md").read_text(encoding="utf-8")
