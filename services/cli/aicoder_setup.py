"""`wf aicoder install|uninstall`, and what `aicoder --set-…` keeps."""

import os
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from services.cli import printing
from services.cli.aicoder_call import Coder
from services.domain.errors import Conflict, InvalidInput
from services.stack import env_file
from services.stack.settings import StackSettings

app = typer.Typer(help="The aicoder command: Aider on any folder, through the hub.", no_args_is_help=True)
BIN = Path("~/.local/bin")
To = Annotated[Path, typer.Option("--to", help="The folder of programs that gets the link.")]


@app.command("install")
def install(to: To = BIN) -> None:
    """Make `aicoder` known in every terminal: a link to the hub's own program."""
    program = _program()
    link = to.expanduser().absolute() / "aicoder"
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink() and link.resolve() == program.resolve():
        printing.out.print(f"[green]✓[/] {link} is there already.")
    else:
        if os.path.lexists(link) and not _is_ours(link):
            raise Conflict(f"{link} is something else.", "Move it away, or choose another folder with --to.")
        fresh = link.with_name(f".aicoder.{os.getpid()}")
        fresh.symlink_to(program)
        fresh.replace(link)
        printing.out.print(f"[green]✓[/] {link} leads to {program}.")
    if str(link.parent) not in os.environ.get("PATH", "").split(os.pathsep):
        printing.warning(
            f'{link.parent} is not in PATH. Add to your shell\'s profile: export PATH="{link.parent}:$PATH"'
        )


@app.command("uninstall")
def uninstall(to: To = BIN) -> None:
    """Take the link away again."""
    link = to.expanduser().absolute() / "aicoder"
    if not os.path.lexists(link):
        printing.out.print(f"There is no {link}.")
        return
    if not _is_ours(link):
        raise Conflict(f"{link} is not this hub's link, and stays.", "Remove it yourself if you want to.")
    link.unlink()
    printing.out.print(f"[green]✓[/] {link} is gone.")


def keep_model(coder: Coder, model: str) -> None:
    """The model that direct work uses from now on. Raises InvalidInput, HubAway."""
    provider, slash, name = model.partition("/")
    if not (provider and slash and name):
        raise InvalidInput(f"{model!r} is no model's name.", "Write provider/name, such as ollama/qwen2.5-coder:1.5b.")
    coder.post("/api/config", {"model": model})
    printing.out.print(f"[green]✓[/] Direct work uses {model} from now on.")


def keep_ollama_base(settings: StackSettings, url: str) -> None:
    """The hub's Ollama, in `.env`; it holds from the next start. Raises InvalidInput."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise InvalidInput(f"{url!r} is no address of a server.", "Write it as http://127.0.0.1:11434.")
    base = url.rstrip("/").removesuffix("/v1").removesuffix("/api")
    env_file.change(settings.root / ".env", {"OLLAMA_URL": base})
    printing.out.print(f"[green]✓[/] OLLAMA_URL={base} is in {settings.root / '.env'}.")
    printing.warning("The hub reads it when it starts: ./start.sh stop && ./start.sh")


def _program() -> Path:
    program = Path(sys.executable).parent / "aicoder"
    if not program.is_file():
        raise InvalidInput(f"There is no {program}.", "Run ./start.sh once: it installs the hub's programs.")
    return program


def _is_ours(link: Path) -> bool:
    """A link to some hub's program: this one's, or one that has moved."""
    return link.is_symlink() and link.readlink().name == "aicoder" and link.readlink().parent.name == "bin"
