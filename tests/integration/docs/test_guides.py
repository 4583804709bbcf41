"""Each how-to guide is run as it stands, against a real hub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.documented import INDEX, blocks, pages, reasons, run
from tests.support.local_hub import LocalHub, local_hub

GUIDES = [page for page in pages() if page.parent.name == "guides" and page != INDEX]
NOBODY = "http://127.0.0.1:9"  # where nothing listens


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    elsewhere = {"ANTHROPIC_BASE_URL": NOBODY, "OLLAMA_URL": NOBODY}
    with local_hub(tmp_path_factory.mktemp("guides") / "a hub", **elsewhere) as running:
        yield running


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_every_command_of_a_guide(hub: LocalHub, page: Path, tmp_path: Path) -> None:
    before = [block.text for block in blocks(INDEX) if not block.not_run]
    own = [block.text for block in blocks(page) if not block.not_run]
    assert before and "WFHUB_TOKEN" in before[0] and (own or page.stem == "proxy")
    print(run(hub, before + own, tmp_path))


def test_what_is_not_run_says_why() -> None:
    marks = {block.not_run for page in pages() for block in blocks(page)} - {""}
    assert marks == reasons()


def test_no_command_is_shown_that_the_tests_cannot_see() -> None:
    for page in pages():
        fences = [line for line in page.read_text(encoding="utf-8").splitlines() if line.lstrip().startswith("```")]
        begun = fences[::2]
        assert all(fence in ("```sh", "```text", "```yaml", "```json") for fence in begun), (page.name, begun)
        assert sum(fence == "```sh" for fence in begun) == len(blocks(page)), page.name
