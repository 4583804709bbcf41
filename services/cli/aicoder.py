"""`aicoder`: Aider on any folder, through the hub: its models, its budgets, its cage."""

import contextlib
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from services.cli import aicoder_setup, hub, printing
from services.cli.aicoder_call import Coder
from services.cli.ending import ended
from services.cli.outside import lines, said
from services.domain.errors import HubError, InvalidInput

app = typer.Typer(add_completion=False)
FAILED = 1


@app.command()
def aicoder(
    files: Annotated[list[str] | None, typer.Argument(help="Files that Aider begins with, as seen from here.")] = None,
    execute: Annotated[
        str | None, typer.Option("--execute", "-x", help="Do this one thing and end; without it you are asked.")
    ] = None,
    folder: Annotated[Path, typer.Option("--folder", "-C", help="Work there instead of here.")] = Path(),
    subtree_only: Annotated[
        bool, typer.Option("--subtree-only", help="Keep to this folder, not to the whole repository around it.")
    ] = False,
    no_git: Annotated[
        bool, typer.Option("--no-git", help="Look for no repository: this folder is what is worked on.")
    ] = False,
    commit: Annotated[bool, typer.Option("--commit", help="Commit what was changed, and only that.")] = False,
    test: Annotated[str | None, typer.Option(help="A command that has to pass, such as 'pytest -q'.")] = None,
    timeout: Annotated[float | None, typer.Option(min=1, max=86_000, help="Seconds that one edit may take.")] = None,
    model: Annotated[str | None, typer.Option(help="The model for this time, as provider/name.")] = None,
    set_model: Annotated[
        str | None, typer.Option("--set-model", metavar="MODEL", help="Keep this as the model for direct work.")
    ] = None,
    set_ollama_base: Annotated[
        str | None, typer.Option("--set-ollama-base", metavar="URL", help="Keep this as the hub's Ollama.")
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the answer as JSON.", callback=printing.wants_json)
    ] = False,
) -> None:
    """Let Aider change files of a folder, and show the difference. Nothing outside of the folder is touched."""
    settings = hub.settings_to_look()
    coder = Coder.of(settings)
    if set_ollama_base is not None:
        aicoder_setup.keep_ollama_base(settings, set_ollama_base)
    if set_model is not None:
        aicoder_setup.keep_model(coder, set_model)
    if execute is None and (set_model or set_ollama_base):
        return
    here = folder.expanduser().resolve()
    if commit and (no_git or subtree_only):
        raise InvalidInput("--commit needs the whole repository.", "Leave --no-git and --subtree-only out.")
    workspace = _workspace(here, alone=subtree_only or no_git)
    asked: dict[str, Any] = {
        "workspace": str(workspace),
        "files": _inside(files or [], folder.expanduser().absolute(), workspace),
        **_given(model=model, seconds=timeout, test=test, commit=commit or None),
    }
    if not json_output:
        printing.err.print(f"[dim]{escape(_where(here, workspace))}[/]")
    if execute is not None:
        raise typer.Exit(_one(coder, asked, execute, json_output))
    ended = 0
    for message in _messages():
        try:
            ended = _one(coder, asked, message, json_output)
        except HubError as error:  # of this one; the next may be better
            printing.refusal(error)
            ended = FAILED
    raise typer.Exit(ended)


def _one(coder: Coder, asked: dict[str, Any], message: str, json_output: bool) -> int:
    """One edit: told while it happens, then what it came to. The exit code."""
    name = uuid.uuid4().hex[:16]
    say = (lambda line: None) if json_output else printing.progress
    answer = coder.execute({**asked, "message": message, "id": name}, say)
    if json_output:
        printing.as_json(answer)
        return 0 if answer["success"] else FAILED
    _show_diff(answer["diff"], answer["diff_truncated"])
    usage = answer["usage"]
    cost = "unknown cost" if usage["cost"] is None else f"${usage['cost']:.4f}"
    facts = f"{usage['tokens_in'] + usage['tokens_out']} tokens, {cost}, {answer['model']}, cage {answer['cage']}"
    if answer["success"]:
        changed = ", ".join(answer["files"]) or "nothing"
        printing.out.print(f"[green]✓[/] Changed: {escape(changed)}  [dim]{escape(facts)}[/]")
        for commit in answer["commits"]:
            printing.out.print(f"  Committed as {commit[:12]}.")
        return 0
    printing.err.print(f"[bold red]✗[/] {escape(answer['sentence'])}  [dim]{escape(facts)}[/]")
    for refused in answer["refused"]:
        printing.err.print(f"  The model wanted to write {escape(refused)}, and may not.")
    return FAILED


def _messages() -> Iterator[str]:
    """What a person types, a line for each edit; all of standard input where it is no terminal."""
    if not sys.stdin.isatty():
        if text := sys.stdin.read().strip():
            yield text
            return
        raise InvalidInput("There is nothing to do.", 'Say what: aicoder --execute "Add a docstring to hello()."')
    printing.out.print("[dim]Say what to change; an empty line ends it.[/]")
    with contextlib.suppress(EOFError):  # Ctrl D ends it, too
        while line := printing.out.input("[bold]aicoder>[/] ").strip():
            yield line


def _workspace(here: Path, alone: bool) -> Path:
    """The repository around a folder, or the folder itself. Raises InvalidInput."""
    if not here.is_dir():
        raise InvalidInput(f"{here} is not a folder.", "Name one with --folder, or go there.")
    if alone:
        return here
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def _where(here: Path, workspace: Path) -> str:
    if workspace == here:
        return f"Working in {workspace}"
    return f"Working in {workspace}, the repository around {here.name} (--subtree-only keeps to {here.name})"


def _inside(files: list[str], here: Path, workspace: Path) -> list[str]:
    """The files as the workspace names them. Raises InvalidInput for one that is elsewhere."""
    found: list[str] = []
    for name in files:
        path = (here / Path(name).expanduser()).parent.resolve() / Path(name).name
        if not path.is_relative_to(workspace):
            raise InvalidInput(f"{name} is outside of {workspace}, and is not touched.", "Name files of that folder.")
        found.append(path.relative_to(workspace).as_posix())
    return found


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _show_diff(diff: str, cut: bool) -> None:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines(diff):
        colour = "bold" if line.startswith(("+++", "---", "diff ")) else colours.get(line[:1], "default")
        printing.out.print(f"[{colour}]{said(line)}[/]")
    if cut:
        printing.out.print("[dim](the difference goes on: --json names the artifact that has all of it)[/]")


def main() -> None:
    """Carries out one edit, or several; a refusal ends with 1, whatever its kind."""
    sys.exit(ended(app, lambda _error: FAILED))


if __name__ == "__main__":
    main()
