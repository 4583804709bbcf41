"""`wf models`: what models there are, what fits on the card, how fast they answer, what they can do."""

from dataclasses import asdict, replace
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from services.cli import hub, models_hub, models_measure, models_record, printing
from services.cli.exits import Exit
from services.cli.listing import table_of
from services.cli.model_servers import card_of, providers_of
from services.cli.options import Json
from services.domain.errors import HubError, InvalidInput
from services.models.catalogue import Installed, ModelServer
from services.models.fit import GIB, KV_TYPE_OF, LARGEST_CONTEXT, STEP, Card, Fit, choose, fit, largest_context
from services.models.known_shapes import KNOWN, Candidate
from services.models.profile_fields import read_overrides
from services.models.profiles import profile_of
from services.models.providers import resolve
from services.models.shapes import ModelShape
from services.models.tuning import ollama_environment
from services.stack.settings import StackSettings

app = typer.Typer(help="Models: what there is, what fits, how fast, what they can do.", no_args_is_help=True)
app.command("bench")(models_measure.bench)
app.command("probe")(models_measure.probe)
app.command("record")(models_record.record)
app.command("pull")(models_hub.pull)
app.command("roles")(models_hub.roles)
app.command("use")(models_hub.use)


@app.command("list")
def list_models(json_output: Json = False) -> None:
    """Show the models of every provider that answers, and what the hub knows of each."""
    settings = hub.settings_to_look()
    stored = models_measure.stored_profiles(settings)
    overrides = read_overrides(settings.environment.get("MODEL_PROFILES", ""))
    found, silent = _installed(settings)
    rows = []
    for one in found:
        known = {**stored.get(one.name, {}), **overrides.get(one.name, {})}
        origin = "setting" if one.name in overrides else "probe" if one.name in stored else "packaged"
        rows.append({**asdict(one), "known_from": origin, "profile": asdict(profile_of(one.name, {one.name: known}))})
    if json_output:
        printing.as_json({"models": rows, "silent": silent})
        return
    if rows:
        table_of(_listed(rows))
    for name, error in silent.items():
        printing.out.print(f"[dim]{escape(name)}: {escape(error)}[/]")
    if not rows:
        printing.out.print("No provider has a model. Get one with: ollama pull qwen2.5-coder:1.5b")


@app.command("fit")
def fit_models(
    model: Annotated[str | None, typer.Argument(help="provider/name; without it, the known and the installed.")] = None,
    memory: Annotated[float | None, typer.Option(help="The card's memory in GiB, instead of GPU_MEMORY_BYTES.")] = None,
    kv_type: Annotated[str | None, typer.Option(help=f"The cache's type: {', '.join(KV_TYPE_OF)}.")] = None,
    parallel: Annotated[int, typer.Option(min=1, max=64, help="Answers at once.")] = 1,
    context: Annotated[
        int | None, typer.Option(min=STEP, help="Compute for this context, and not the largest.")
    ] = None,
    research: Annotated[bool, typer.Option(help="Models licensed for research only may be chosen too.")] = False,
    json_output: Json = False,
) -> None:
    """Compute which model and context fit on the graphics card, and Ollama's settings for it."""
    settings = hub.settings_to_look()
    card = _card(card_of(settings), memory, kv_type, parallel)
    candidates = _candidates(settings, model)
    fits = [(one, _fit(one.shape, card, context)) for one in candidates]
    if model is None:
        chosen, best = choose(candidates, card, research=research)
    else:
        chosen, best = fits[0]
    environment = ollama_environment(best.context, card) if best.fits else {}
    if json_output:
        rows = [_row(one, found) for one, found in fits]
        printing.as_json({"card": asdict(card), "models": rows, "chosen": best.name if best.fits else None,
                          "environment": environment})  # fmt: skip
    else:
        table_of(_fitted(fits, card, best))
        _say_chosen(chosen, best, environment)
    if not best.fits:
        raise typer.Exit(Exit.UNWELL)


def _installed(settings: StackSettings) -> tuple[list[Installed], dict[str, str]]:
    """What is there, and of the providers that did not answer, why."""
    found: list[Installed] = []
    silent: dict[str, str] = {}
    for name, provider in providers_of(settings).items():
        try:
            with ModelServer(provider) as server:
                found += server.installed()
        except HubError as error:
            silent[name] = error.sentence
    return found, silent


def _candidates(settings: StackSettings, model: str | None) -> list[Candidate]:
    """The packaged models with, over them, what an Ollama that answers tells of its own; or the one that was named."""
    packaged = {one.shape.name: one for one in KNOWN}
    if model is None:
        return list({**packaged, **_told(settings, packaged)}.values())
    provider, name = resolve(providers_of(settings), model)
    if not provider.speaks("ollama"):
        raise InvalidInput(f"{model} runs elsewhere: its memory is not this card's matter.", "Name one of Ollama's.")
    try:
        with ModelServer(provider) as server:
            return [_candidate(server.shape(name), packaged)]
    except HubError:
        if model not in packaged:
            raise
        return [packaged[model]]


def _told(settings: StackSettings, packaged: dict[str, Candidate]) -> dict[str, Candidate]:
    told: dict[str, Candidate] = {}
    try:
        with ModelServer(providers_of(settings)["ollama"]) as server:
            for one in server.installed():
                try:
                    told[one.name] = _candidate(server.shape(one.name.partition("/")[2]), packaged)
                except HubError as error:
                    printing.warning(error.sentence)
    except HubError as error:
        printing.warning(f"{error.sentence} The packaged table decides.")
    return told


def _candidate(shape: ModelShape, packaged: dict[str, Candidate]) -> Candidate:
    known = packaged.get(shape.name)
    return replace(known, shape=shape) if known else Candidate(shape, profile_of(shape.name).licence)


def _card(card: Card, memory: float | None, kv_type: str | None, parallel: int) -> Card:
    kind = KV_TYPE_OF.get(kv_type or card.kv_type)
    if kind is None:
        raise InvalidInput(f"{kv_type!r} is not a type of cache.", f"Give one of {', '.join(KV_TYPE_OF)}.")
    if memory is not None and not 0.5 <= memory <= 1024:
        raise InvalidInput(f"{memory:g} GiB is no card's memory.", "Give for instance --memory 4.")
    return Card(int(memory * GIB) if memory else card.bytes, kind, parallel)


def _fit(shape: ModelShape, card: Card, context: int | None) -> Fit:
    """With the named context, else the largest that fits, else the smallest there is, which does not."""
    if context is not None:
        return fit(shape, context, card)
    return largest_context(shape, card) or fit(shape, STEP, card)


def _row(one: Candidate, found: Fit) -> dict[str, Any]:
    return {**asdict(found), "total": found.total, "fits": found.fits, "score": one.score, "licence": one.licence,
            "trained_context": one.shape.trained_context, "source": one.shape.source}  # fmt: skip


def _fitted(fits: list[tuple[Candidate, Fit]], card: Card, best: Fit) -> Table:
    title = f"{card.bytes / GIB:.1f} GiB, of which {card.usable / GIB:.2f} are used; sizes in GiB, cache {best.kv_type}"
    table = Table(box=None, header_style="dim", title=title, title_justify="left", title_style="")
    for column in ("model", "context", "weights", "cache", "compute", "driver", "total", "", "solves", "licence"):
        table.add_column(column, justify="left" if column in ("model", "", "licence") else "right")
    for one, found in fits:
        sizes = (found.weights, found.kv, found.compute, found.driver, found.total)
        mark = "[green]fits[/]" if found.fits else "[red]too large[/]"
        name = f"[bold]{escape(found.name)}[/]" if found.name == best.name else escape(found.name)
        score = "" if one.score is None else f"{one.score} %"
        table.add_row(name, str(found.context), *(f"{size / GIB:.2f}" for size in sizes), mark, score, one.licence)
    return table


def _say_chosen(chosen: Candidate, best: Fit, environment: dict[str, str]) -> None:
    if not best.fits:
        over = (best.total - best.usable) / GIB
        printing.out.print(
            f"[red]{best.name} needs {over:.2f} GiB more than there is:[/] a part of it would run slowly."
        )
        return
    more = " (larger ones fit, and are slow)" if best.context == LARGEST_CONTEXT < chosen.shape.trained_context else ""
    printing.out.print(f"\n[bold]{best.name}[/] with {best.context} tokens{more}. Ollama's environment for it:")
    for name, value in environment.items():
        printing.out.print(f"  {name}={value}")


def _listed(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="dim")
    for column in ("model", "size", "context", "edits", "tools", "JSON schema", "pictures", "known from", "licence"):
        table.add_column(column)
    words = {True: "yes", False: "no", None: "?"}
    for row in rows:
        known = row["profile"]
        able = (words[known[name]] for name in ("tools", "json_schema", "vision"))
        size = printing.size(row["bytes"]) if row["bytes"] else ""
        table.add_row(escape(row["name"]), size, str(known["context_tokens"]), known["edit_format"], *able,
                      row["known_from"], known["licence"])  # fmt: skip
    return table
