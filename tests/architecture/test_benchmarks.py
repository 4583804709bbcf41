"""One command runs every benchmark: none is forgotten, and what one kept of its peers is on the page."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks import all as everything
from benchmarks.compared import RECORD, keep, read

FOLDER = Path(everything.__file__).parent
NOT_RUN = {
    "all": "runs the others",
    "plans": "asks a model that somebody has: how good its plans are",
    "instant": "the model of others",
    "priced": "main-api of the gateway's",
    "traced_worker": "the orchestrator of others",
    "beside_engines": "a part of pipeline",
}


def test_every_program_of_the_folder_is_run() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py")}
    programs = {name for name, text in texts.items() if re.search(r'^if __name__ == "__main__":', text, re.MULTILINE)}
    assert programs - set(NOT_RUN) == {one.name for one in everything.ALL}


def test_each_with_bounds_says_by_its_exit_code_whether_they_hold() -> None:
    """One whose `main` returns nothing would be told as one that holds all of them."""
    silent = {
        one.name
        for one in everything.ALL
        if not re.search(r"^(async )?def main\(\) -> int:", (FOLDER / f"{one.name}.py").read_text(), re.MULTILINE)
    }
    assert silent == {one.name for one in everything.ALL if not one.bound}


def test_the_words_of_each_are_words_it_knows() -> None:
    for one in everything.ALL:
        text = (FOLDER / f"{one.name}.py").read_text(encoding="utf-8")
        known = set(re.findall(r'"(--[a-z-]+)"', text)) | {
            f"--{name}" for name in re.findall(r'\("([a-z]+)", \w+, ', text)
        }
        assert {word for word in (*one.words, *one.quick) if word.startswith("--")} <= known, one.name


def test_a_ratio_is_of_one_run_and_stands_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = tmp_path / "record"
    monkeypatch.setenv(RECORD, str(record))
    keep("a call", "the other", 1.5, 12.0, "ms")
    keep("calls", "the other", 70, 10, "/s", more=True)
    outcomes = [everything.Outcome(everything.ALL[0], 1, 3.2, "ours 1.5 ms\n", read(record))]
    page = everything.page(outcomes, True, datetime(2026, 1, 2, tzinfo=UTC), 0.1)
    assert "| a call | the other | 1.5 ms | 12 ms | 0.125 | less |" in page
    assert "| calls | the other | 70 /s | 10 /s | 7 | more |" in page
    assert "2026-01-02" in page and everything.machine() in page and "**missed**" in page and "A quick run" in page
    assert "ours 1.5 ms" in page
    monkeypatch.delenv(RECORD)
    keep("nothing", "nobody", 1, 1, "ms")
    assert len(read(record)) == 2


def test_an_unknown_name_is_told() -> None:
    assert [one.name for one in everything.chosen("tools, gateway")] == ["gateway", "tools"]
    with pytest.raises(SystemExit, match="no benchmark speed"):
        everything.chosen("tools,speed")
