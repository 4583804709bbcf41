"""`wf config`: the hub's own settings, what each is and where it comes from."""

import math
from typing import Annotated, Any

import typer
import yaml

from services.cli import complete, printing
from services.cli.hub_calls import calls
from services.cli.listing import Column, show
from services.cli.options import Json
from services.cli.outside import line, said
from services.cli.words import local
from services.domain.errors import InvalidInput, NotFound

app = typer.Typer(help="The hub's settings, and where each comes from.", no_args_is_help=False)
Row = dict[str, Any]
SOURCES = {"database": "set here", "environment": "environment", "default": "default"}


@app.callback(invoke_without_command=True)
def config(context: typer.Context, json_output: Json = False) -> None:
    """Show each setting: what holds, where it comes from, and what it would be without that."""
    if context.invoked_subcommand is None:
        _show(json_output)


@app.command("show")
def show_settings(json_output: Json = False) -> None:
    """Show each setting: what holds, where it comes from, and what it would be without that."""
    _show(json_output)


@app.command("set")
def set_settings(
    values: Annotated[
        list[str], typer.Argument(metavar="NAME=VALUE...", help="Repeatable.", autocompletion=complete.settings)
    ],
    json_output: Json = False,
) -> None:
    """Change settings, from now on and without a restart. What is set here wins over the environment."""
    change = dict(_pair(text) for text in values)
    with calls() as client:
        now = client.get("/settings")
        _known(now, change)
        after = client.patch("/settings", version=now["version"], **change)
    _told(after, change, json_output)


@app.command("unset")
def unset(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", autocompletion=complete.settings)],
    json_output: Json = False,
) -> None:
    """Let the environment or the default hold again."""
    with calls() as client:
        now = client.get("/settings")
        _known(now, names)
        after = client.patch("/settings", version=now["version"], reset=names)
    _told(after, names, json_output)


@app.command("history")
def history(json_output: Json = False) -> None:
    """Show how the settings changed, the newest first."""
    with calls() as client:
        rows = client.get("/settings/versions")
    if json_output:
        printing.as_json({"versions": rows})
        return
    columns = (Column("version", right=True), "when", "by", "changed", Column("to", wide=True))
    told = [
        (str(one["version"]), local(one["created_at"]), said(one["actor"]), said(", ".join(one["fields"])),
         said(line({name: one["state"].get(name) for name in one["fields"]})))
        for one in rows
    ]  # fmt: skip
    show(columns, told, "Nothing was changed yet.")


def _show(json_output: bool) -> None:
    with calls() as client:
        found = client.get("/settings")
    if json_output:
        printing.as_json({"settings": found["settings"], "version": found["version"]})
        return
    columns = ("setting", Column("value", wide=True), "from", "environment", "variable")
    rows = []
    for one in found["settings"]:
        differs = one["source"] == "database" and one["environment"] != one["value"]
        below = f"[yellow]{said(_word(one['environment']))}[/]" if differs else said(_word(one["environment"]))
        origin = f"[bold]{SOURCES['database']}[/]" if one["source"] == "database" else one["source"]
        rows.append((one["name"], said(_word(one["value"])), origin, below, one["variable"]))
    show(columns, rows, "")


def _told(after: Row, names: Any, json_output: bool) -> None:
    if json_output:
        printing.as_json({"settings": after["settings"], "version": after["version"]})
        return
    for one in after["settings"]:
        if one["name"] in names:
            printing.done(f"{one['name']} is {_word(one['value'])} ({SOURCES[one['source']]}). {one['effect']}")


def _known(now: Row, names: Any) -> None:
    there = [one["name"] for one in now["settings"]]
    for name in names:
        if name not in there:
            raise NotFound(f"There is no setting {name}.", f"There are: {', '.join(there)}.")


def _pair(text: str) -> tuple[str, Any]:
    """As YAML writes values: 5, 2.5, true, null; all else is a text, as it stands."""
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise InvalidInput(f"{text!r} is not NAME=VALUE.", "For example: wf config set daily_budget_usd=5")
    try:
        read = yaml.safe_load(value) if value else ""
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, OverflowError):  # such as a date of no calendar
        read = value
    is_value = read is None or isinstance(read, (bool, int)) or (isinstance(read, float) and math.isfinite(read))
    return name.strip(), read if is_value else value


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
