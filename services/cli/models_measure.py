"""`wf models bench` and `wf models probe`: ask a model, and see."""

from dataclasses import asdict
from typing import Annotated, Any

import httpx
import typer
from rich.markup import escape
from rich.table import Table

from services.cli import hub, printing
from services.cli.errors import HubAway
from services.cli.exits import Exit
from services.cli.listing import table_of
from services.cli.model_servers import card_of, providers_of
from services.cli.options import Json
from services.demo.hub_client import HubClient
from services.domain.errors import HubError
from services.models import bench as measuring
from services.models import probe as probing
from services.models.bench import Speed
from services.models.catalogue import ModelServer
from services.models.errors import TokenizerUnusable
from services.models.profiles import profile_of
from services.models.providers import resolve
from services.stack import choice
from services.stack.container_settings import ContainerSettings
from services.stack.settings import StackSettings

Model = Annotated[str | None, typer.Argument(help="provider/name; without it DEFAULT_MODEL.")]
DEFAULT_MODEL = "ollama/qwen2.5-coder:1.5b"


def bench(
    model: Model = None,
    runs: Annotated[int, typer.Option(min=1, max=50, help="How often the loaded model is asked.")] = 3,
    json_output: Json = False,
) -> None:
    """Measure tokens per second, with the model loaded from the disk (cold) and loaded already (warm)."""
    settings = hub.settings_to_look()
    name = model or settings.environment.get("DEFAULT_MODEL") or DEFAULT_MODEL
    provider, own = resolve(providers_of(settings), name)
    context = {**stored_profiles(settings).get(name, {})}.get("context_tokens") or profile_of(name).context_tokens
    with ModelServer(provider, probing.SECONDS) as server:
        found = measuring.measure(server, own, context, runs, _quiet if json_output else printing.progress)
    if json_output:
        printing.as_json(asdict(found))
        return
    table = Table(box=None, header_style="dim")
    for column in ("", "first token", "whole", "load", "reads tokens/s", "writes tokens/s", "prompt", "answer"):
        table.add_column(column, justify="right" if column else "left")
    for word, speed in (("cold", found.cold), ("warm", found.warm)):
        if speed is not None:
            table.add_row(word, *_speed(speed))
    table_of(table)
    if provider.name == "scripted":
        printing.warning("This is the scripted model: its numbers say nothing of a model.")


def probe(
    model: Model = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing.")] = False,
    json_output: Json = False,
) -> None:
    """See whether a model calls tools, keeps to JSON schemas and edits files; exit code 3 where it can't edit."""
    settings = hub.settings_to_look()
    name = model or settings.environment.get("DEFAULT_MODEL") or DEFAULT_MODEL
    provider, own = resolve(providers_of(settings), name)
    say = _quiet if json_output else printing.progress
    with ModelServer(provider, probing.SECONDS) as server:
        found = probing.probe(server, own, card_of(settings), say)
        tokenizer = None if dry_run or not server.is_ollama else _keep_tokenizer(settings, server, own)
    stored = "" if dry_run else _store(settings, name, found.fields.told)
    if json_output:
        printing.as_json({**asdict(found), "fields": found.fields.told, "stored": stored == "", "tokenizer": tokenizer})
    else:
        _tell(found, tokenizer)
        if stored:
            printing.warning(stored)
        elif not dry_run:
            printing.out.print("[green]✓[/] Stored: the gateway and the next runs go by it.")
    if not any(found.edits.values()):
        raise typer.Exit(Exit.UNWELL)


def stored_profiles(settings: StackSettings) -> dict[str, dict[str, Any]]:
    """What the hub has stored of models; nothing where it does not run."""
    try:
        rows: list[dict[str, Any]] = _client(settings).get("/model-profiles", limit=500)
    except (HubError, httpx.TransportError):
        return {}
    return {row["name"]: {key: value for key, value in row["fields"].items() if value is not None} for row in rows}


def _client(settings: StackSettings) -> HubClient:
    token = settings.environment.get("WFHUB_TOKEN")
    if not token:
        raise HubAway("There is no hub set up here yet.", "Start it with ./start.sh.")
    return HubClient(settings.main_api_url, token)


def _store(settings: StackSettings, name: str, fields: dict[str, Any]) -> str:
    """Why it could not be stored, "" where it was."""
    try:
        _client(settings).post("/model-profiles", name=name, fields=fields, source="probe")
    except httpx.TransportError:
        return f"Nothing is stored: the hub does not answer at {settings.main_api_url}. Start it, and probe again."
    except HubError as error:
        return f"Nothing is stored: {error}"
    return ""


def _keep_tokenizer(settings: StackSettings, server: ModelServer, own: str) -> str | None:
    """The file in the hub's home, where main-api finds it."""
    home = settings.home
    if choice.to_look(settings).kind == "containers":
        home = ContainerSettings.load(settings).home
    try:
        return str(probing.keep_tokenizer(server, own, home / "models" / "tokenizers"))
    except (TokenizerUnusable, OSError) as error:
        printing.warning(str(error))
        return None


def _tell(found: probing.Probed, tokenizer: str | None) -> None:
    seen = {"calls tools": found.tools, "keeps to a JSON schema": found.json_schema}
    seen |= {f"edits in the format {edit_format}": worked for edit_format, worked in found.edits.items()}
    for what, worked in seen.items():
        printing.out.print(f"{'[green]yes[/]' if worked else '[red]no [/]'} {what}")
    for note in found.notes:
        printing.out.print(f"    [dim]{escape(note)}[/]")
    if found.fit:
        printing.out.print(f"Context: {found.fit.context} tokens fit, with a {found.fit.kv_type} cache.")
    printing.out.print(f"Edit format for its runs: {found.edit_format}.")
    if tokenizer:
        printing.out.print("Its own tokenizer is kept: its tokens are counted, and no longer estimated.")


def _speed(speed: Speed) -> list[str]:
    def of(value: float | None, unit: str = "") -> str:
        return "" if value is None else f"{value:,.0f}{unit}" if value >= 100 else f"{value:.1f}{unit}"

    times = (of(speed.first_token_ms, " ms"), of(speed.whole_ms, " ms"), of(speed.load_ms, " ms"))
    rates = (of(speed.prompt_per_second), of(speed.answer_per_second))
    return [*times, *rates, str(speed.prompt_tokens), str(speed.answer_tokens)]


def _quiet(_: str) -> None:
    """Programs read only the JSON."""
