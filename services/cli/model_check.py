"""Whether the hub's model can answer: asked of its provider directly, also while the hub does not run."""

from services.cli.model_servers import providers_of
from services.domain.errors import HubError
from services.models.catalogue import ModelServer
from services.models.providers import resolve
from services.stack.checks import Check
from services.stack.settings import StackSettings

DEFAULT_MODEL = "ollama/qwen2.5-coder:1.5b"
SECONDS = 2.0


def check_model(settings: StackSettings, *, own_ollama: bool) -> Check:
    """`own_ollama`: it comes in a container with the start, which fetches the model."""
    name = settings.environment.get("DEFAULT_MODEL") or DEFAULT_MODEL
    try:
        provider, own = resolve(providers_of(settings), name)
        if own_ollama and provider.name == "ollama":
            return Check("model", "ok", f"{name}: Ollama comes in a container, and the start fetches it")
        if not provider.own:
            return Check("model", "ok", f"{name} is elsewhere: not asked here")
        with ModelServer(provider, SECONDS) as server:
            has = [one.name for one in server.installed()]
    except HubError as error:
        return Check("model", "warn", f"{name} can't answer: {error.sentence}", error.way_out or "See docs/models.md.")
    if name in has or f"{name}:latest" in has or (not has and not provider.speaks("ollama")):
        return Check("model", "ok", f"{name} is there")
    if settings.offline:
        listed = ", ".join(has[:5]) or "none"
        way_out = f"It has: {listed}. Set DEFAULT_MODEL to one of them, or start once with a network."
        return Check(
            "model", "warn", f"{provider.name} does not have {name}, and offline it can't be fetched.", way_out
        )
    way_out = f"Fetch it in the page, or with: ollama pull {own}"
    return Check("model", "warn", f"{provider.name} does not have {name}.", way_out)
