"""A page of a run's output is found without reading what is before it, whatever its lines are like."""

import json
import random
from pathlib import Path

import pytest

from services.events import line_search
from services.events.line_search import byte_before
from services.events.output import RunOutput


def line(seq: int, text: str = "") -> str:
    return json.dumps({"seq": seq, "at": "2026-01-01T00:00:00Z", "kind": "output", "text": text, "data": {}})


@pytest.mark.parametrize("seed", range(5))
def test_a_page_is_the_same_as_when_all_is_read(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_search, "NEAR_BYTES", 200)
    dice = random.Random(seed)
    output = RunOutput(tmp_path)
    texts = [dice.choice(["", "é" * dice.randrange(50), "x" * dice.randrange(3_000), "a\u2028b"]) for _ in range(300)]
    output.append("r", "0-edit", [line(number, text) for number, text in enumerate(texts, 1)])
    with output.path("r", "0-edit").open("a") as file:
        file.write('{"seq": 301, "cut\n' + line(301) + "\n" + '{"seq": 302')
    whole = [int(event["seq"]) for event in output.read("r", "0-edit")]
    assert whole == list(range(1, 302))
    for after in (0, 1, 2, 57, 150, 299, 300, 301, 302, 10_000):
        assert [event["seq"] for event in output.read("r", "0-edit", after, 7)] == whole[after : after + 7], after


def test_a_page_at_the_end_looks_at_little_of_the_file(tmp_path: Path) -> None:
    output = RunOutput(tmp_path)
    output.append("r", "0-edit", [line(number, "x" * 60) for number in range(1, 20_001)])
    path = output.path("r", "0-edit")
    size = path.stat().st_size
    assert size - byte_before(path, 19_990) <= line_search.NEAR_BYTES + 200
    assert byte_before(path, 0) == 0
    assert [event["seq"] for event in output.read("r", "0-edit", 19_998)] == [19_999, 20_000]


def test_an_empty_file_and_one_without_a_line_have_no_page(tmp_path: Path) -> None:
    output = RunOutput(tmp_path)
    path = output.path("r", "0-edit")
    path.parent.mkdir(parents=True)
    path.write_text("")
    assert list(output.read("r", "0-edit", 5)) == []
    path.write_text("no JSON\n" * 20_000)
    assert list(output.read("r", "0-edit", 5)) == []
