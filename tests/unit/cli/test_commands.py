"""Every command there is: documented, with `--json`, and with a shape for what that prints."""

import json
from pathlib import Path

import pytest

from scripts.cli_reference import every_command
from services.cli.exits import MEANINGS, Exit
from services.cli.shapes import INSTEAD, NO_JSON, SHAPES, STREAMS
from tests.support.terminal import wf

OPENAPI = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text(encoding="utf-8"))
PLAIN = {"string", "integer", "number", "boolean", "list", "object"}


COMMANDS = dict(every_command())


def test_every_command_has_a_shape_and_every_shape_a_command() -> None:
    assert set(COMMANDS) - set(NO_JSON) == set(SHAPES)
    assert set(NO_JSON) <= set(COMMANDS) and set(STREAMS) <= set(SHAPES) and set(INSTEAD) <= set(SHAPES)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_says_what_it_does_and_what_each_word_means(name: str) -> None:
    command = COMMANDS[name]
    assert command.help and command.help.split("\n")[0].rstrip().endswith((".", ".\f")), name
    for parameter in command.params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            assert parameter.help, f"{name}: {parameter.name}"
    has_json = any(parameter.name == "json_output" for parameter in command.params)
    assert has_json == (name not in NO_JSON)


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_shape_names_what_openapi_describes(name: str) -> None:
    shapes = [SHAPES[name], *INSTEAD.get(name, {}).values()]
    for kind in (kind for shape in shapes for kind in shape.values()):
        bare = kind.removesuffix(" or null").strip("[]")
        assert bare in PLAIN or bare in OPENAPI["components"]["schemas"], kind


def test_every_exit_code_is_told() -> None:
    assert set(MEANINGS) == set(Exit)


@pytest.mark.parametrize(
    "words", [["--nope"], ["task"], ["task", "show"], ["task", "nope"], ["run", "list", "-n", "0"]]
)
def test_what_is_asked_wrongly_ends_with_2(words: list[str]) -> None:
    ended = wf(*words)
    assert ended.code == Exit.USAGE and "Traceback" not in ended.err


def test_without_a_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WFHUB_ROOT", str(tmp_path))
    monkeypatch.delenv("WFHUB_TOKEN", raising=False)
    never = wf("task", "list")
    assert (
        (never.code, never.out) == (Exit.NO_HUB, "") and "no hub set up here" in never.err and "wf start" in never.err
    )
    monkeypatch.setenv("WFHUB_TOKEN", "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e")
    monkeypatch.setenv("MAIN_API_PORT", "1")
    away = wf("inbox", "--json")
    assert away.code == Exit.NO_HUB and away.json["error"]["code"] == "hub_away" and away.json["error"]["exit"] == 6
    assert "does not answer at http://127.0.0.1:1" in away.err
