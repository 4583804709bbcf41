"""Writes docs/cli.md from the commands themselves: `python -m scripts.cli_reference`; `--check` only compares."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from services.cli.app import app
from services.cli.exits import MEANINGS
from services.cli.shapes import INSTEAD, SHAPES, STREAMS, Shape

TARGET = Path(__file__).parents[1] / "docs" / "cli.md"
BEGIN, END = "<!-- commands: python -m scripts.cli_reference -->\n", "<!-- end of commands -->\n"
KINDS = {"int": "N", "float": "NUMBER", "Path": "PATH"}
HIDDEN = ("help", "json_output", "install_completion", "show_completion")


def every_command(command: Any = None, name: str = "") -> Iterator[tuple[str, Any]]:
    """Each command by its words; a group only where it does something without one of its commands.

    Hidden ones are for our own scripts.
    """
    command = command or typer.main.get_command(app)
    if command.hidden:
        return
    if not hasattr(command, "commands"):
        yield name, command
        return
    if name and command.invoke_without_command:
        yield name, command
    for word, below in command.commands.items():
        yield from every_command(below, f"{name} {word}".strip())


def commands() -> str:
    """Markdown: the exit codes, and each command with its arguments, options and JSON."""
    codes = [f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items()]
    parts = ["## Exit codes\n", "| code | means |", "| --- | --- |", *codes, "", "## Commands\n"]
    parts += [_list(), ""]
    for name, command in every_command():
        parts += _section(name, command)
    return "\n".join(parts) + "\n"


def text() -> str:
    """docs/cli.md as it should be."""
    before, _, rest = TARGET.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}{commands()}{END}{rest.partition(END)[2]}"


def _list() -> str:
    rows = [f"| [`wf {name}`](#wf-{name.replace(' ', '-')}) | {_first(command)} |" for name, command in every_command()]
    return "\n".join(["| command | does |", "| --- | --- |", *rows])


def _section(name: str, command: Any) -> list[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and one.name not in HIDDEN]
    words = " ".join(_usage(one) for one in arguments)
    parts = [f"### wf {name}\n", f"`wf {name}{f' {words}' if words else ''}{' [options]' if options else ''}`\n"]
    parts += [_cell(paragraph) + "\n" for paragraph in _help(command).split("\n\n")]
    rows = [f"| `{_usage(one)}` | {_cell(one.help or '')} |" for one in arguments]
    rows += [f"| {_names(one)} | {_cell(one.help or '')}{_default(one)} |" for one in options]
    if rows:
        parts += ["| | |", "| --- | --- |", *rows, ""]
    if name in SHAPES:
        each = ", one document a line" if name in STREAMS else ""
        others = (f"; {when} {_shape(shape)}" for when, shape in INSTEAD.get(name, {}).items())
        parts.append(f"`--json`{each}: {_shape(SHAPES[name])}{''.join(others)}\n")
    return parts


def _usage(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    shown = name if argument.required or name.startswith("[") else f"[{name}]"
    return f"{shown}..." if argument.nargs == -1 and not shown.endswith(("...", "...]")) else shown


def _names(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(option.opts, key=len))
    takes = "" if option.is_flag else f" {option.metavar or _kind(option)}"
    also = f", or `{option.envvar}`" if option.envvar else ""
    return f"{names}{takes}{also}"


def _kind(option: Any) -> str:
    asked = str(option.type_descriptor.annotation)
    return next((word for kind, word in KINDS.items() if kind in asked), "TEXT")


def _default(option: Any) -> str:
    value = option.default
    if option.is_flag or value in (None, "", [], ()) or callable(value):
        return ""
    return f" ({value})"


def _shape(shape: Shape) -> str:
    return ", ".join(f"`{key}` {kind}" for key, kind in shape.items())


def _help(command: Any) -> str:
    return (command.help or "").replace("\f", "").strip()


def _first(command: Any) -> str:
    return _cell(_help(command).split("\n\n")[0])


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


def main() -> int:
    if "--check" in sys.argv[1:]:
        return 0 if TARGET.read_text(encoding="utf-8") == text() else 1
    TARGET.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
