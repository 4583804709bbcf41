"""The models that a start brings: asked of the hub, fetched by it, told as they come, and made to fit the card."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.cli import printing
from services.cli.model_jobs import LIVE, watched
from services.cli.model_servers import providers_of
from services.demo.hub_client import HubClient
from services.domain.errors import HubError, InvalidInput
from services.models.catalogue import ModelServer
from services.models.modelfile import Modelfile
from services.models.providers import runs_elsewhere
from services.stack.choice import Chosen
from services.stack.settings import StackSettings

SETTING = "MODELS_AT_START"
Json = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """A model that the hub is to have. `state` is there, fetching (by the job `job`) or missing, for which `sentence`
    and `way_out` say why."""

    name: str
    state: str
    sentence: str = ""
    way_out: str = ""
    job: int | None = None


def named_models(settings: StackSettings) -> tuple[str, ...] | None:
    """The models that MODELS_AT_START names; None where it leaves the choice. Raises InvalidInput."""
    parts = (part.strip() for part in settings.models_at_start.split(","))
    names = tuple(dict.fromkeys(part for part in parts if part))
    if names == ("none",):
        return ()
    for name in names:
        if "/" not in name:
            way_out = "Write for instance ollama/qwen2.5-coder:1.5b, several with commas between them, or none."
            raise InvalidInput(f"{SETTING} names {name!r}, which is no model of a provider.", way_out)
    return names or None


def ask_for_models(client: HubClient, named: tuple[str, ...] | None, *, own_ollama: bool) -> list[Wanted]:
    """What the hub has of them; what is missing is asked for.

    Nobody's own Ollama is given a model that was not named: only the hub's own one is. Raises HubRefused.
    """
    there: Json = client.get("/models")
    names = (there["default_model"],) if named is None else named
    providers = {one["name"]: one for one in there["providers"]}
    return [
        _look(client, name, providers.get(name.partition("/")[0]), there["offline"], own_ollama or named is not None)
        for name in names
    ]


def _look(client: HubClient, name: str, provider: Json | None, offline: bool, may_fetch: bool) -> Wanted:
    if provider is None:
        sentence = f"{name} is the model, and no provider of that name is set up."
        return Wanted(name, "missing", sentence, "Set one up in the page: Models, or name another in DEFAULT_MODEL.")
    if not provider["answers"]:
        return Wanted(name, "missing", f"{name} can't answer: {provider['sentence']}", provider["way_out"])
    has = {model["name"] for model in provider["models"]}
    if not provider["fetches"] or name in has or f"{name}:latest" in has:
        return Wanted(name, "there")
    if offline:
        way_out = "Start once without --offline, which fetches it."
        return Wanted(name, "missing", f"{name} is not here, and offline nothing is fetched.", way_out)
    if not may_fetch:
        way_out = f"Fetch it in the page, or with: ollama pull {name.partition('/')[2]}"
        return Wanted(name, "missing", f"Your Ollama does not have {name}, which is the hub's model.", way_out)
    return _fetch(client, name)


def _fetch(client: HubClient, name: str) -> Wanted:
    try:
        return Wanted(name, "fetching", job=client.post("/model-jobs", kind="pull", model=name)["id"])
    except HubError as error:
        live = [job for job in client.get("/model-jobs", model=name, kind="pull") if job["state"] in LIVE]
        if live:  # asked for before, and under way
            return Wanted(name, "fetching", job=live[0]["id"])
        return Wanted(name, "missing", error.sentence, error.way_out)


def follow(client: HubClient, one: Wanted) -> Wanted:
    """Shows how far it is until it is there. Who does not wait for it (Ctrl-C) loses nothing: the hub goes on."""
    if one.job is None:
        return one
    try:
        job = watched(client, one.name, one.job)
    except KeyboardInterrupt:
        return Wanted(one.name, "fetching", "The hub goes on fetching it.", "The page shows it: Models.", one.job)
    if job["state"] == "done":
        return Wanted(one.name, "there")
    return Wanted(one.name, "missing", f"{one.name} was not fetched: {job['sentence']}", job["way_out"])


def make_to_fit(client: HubClient, settings: StackSettings, folder: Path, names: list[str]) -> list[Modelfile]:
    """Makes of each of Ollama's models the one with the context of its profile, which the card decides, and keeps its
    Modelfile in `folder`. Raises HubError where Ollama does not take it."""
    told = {model["name"]: model for one in client.get("/models")["providers"] for model in one["models"]}
    made: list[Modelfile] = []
    for name in names:
        model = told.get(name) or told.get(f"{name}:latest")
        provider = providers_of(settings).get(name.partition("/")[0])
        if model is None or provider is None or not provider.pins_context or runs_elsewhere(name):
            continue
        file = Modelfile(name.partition("/")[2], model["profile"]["context_tokens"])
        with ModelServer(provider) as server:
            server.post(provider.url("ollama", "api/create"), file.request)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{file.name.replace(':', '-')}.Modelfile").write_text(file.text, encoding="utf-8")
        made.append(file)
    return made


def bring_models(settings: StackSettings, chosen: Chosen) -> None:
    """The whole of it for a person at a terminal. A hub without a model is still a hub that runs: nothing is raised."""
    try:
        client = HubClient(settings.main_api_url, settings.environment.get("WFHUB_TOKEN", ""))
        wanted = ask_for_models(client, named_models(settings), own_ollama=chosen.own_ollama)
        ended = [follow(client, one) if one.state == "fetching" else one for one in wanted]
        there = [one.name for one in ended if one.state == "there"]
        folder = chosen.home / "models" / "modelfiles"
        for file in make_to_fit(client, settings, folder, there):
            printing.out.print(f"  Model:    {file.base} with {file.context_tokens:,} tokens of context ({file.name})")
        if folder.is_dir():
            chosen.hand_over(folder.parent)
        for one in ended:
            if one.sentence:
                printing.warning(f"{one.sentence} {one.way_out}".strip())
    except HubError as error:
        printing.warning(f"The models were not looked after: {error}")
    except httpx.HTTPError as error:
        printing.warning(f"The models were not looked after: the hub did not answer ({type(error).__name__}).")
