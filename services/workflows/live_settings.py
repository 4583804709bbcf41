"""What the owner set while the hub runs, taken over by this orchestrator: for what begins from then on."""

from services.settings.overlay import Stored, over, read_stored
from services.workflows.bench import Bench
from services.workflows.settings import OrchestratorSettings

PICTURES = 8  # where the environment says that none are looked at, and the owner wants it by now


class LiveSettings:
    """`newest` is the last change that was taken over."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._of_start = bench, bench.settings
        self.newest = 0

    async def load(self) -> None:
        async with self._bench.db.read() as session:
            stored = await read_stored(session)
        vision_model = str(stored.hub.get("vision_model") or "")
        self._bench.adopt(laid_over(self._of_start, stored), vision_model)
        self.newest = stored.newest


def laid_over(settings: OrchestratorSettings, stored: Stored) -> OrchestratorSettings:
    """What is stored wins; a hub that was started offline stays so."""
    hub = stored.hub
    values = {
        name: hub[name] for name in ("default_model", "daily_budget_usd", "run_budget_usd") if name in hub
    }  # fmt: skip
    pictures = settings.prompt_pictures or PICTURES if hub.get("include_images") else 0
    return over(
        settings,
        {
            **values,
            "auto_trigger": hub.get("auto_trigger_agents", settings.auto_trigger),
            "offline": settings.offline or bool(hub.get("offline")),
            "prompt_pictures": pictures if "include_images" in hub else settings.prompt_pictures,
            "ollama_url": stored.url("ollama", settings.ollama_url),
            "openai_base_url": stored.url("openai", settings.openai_base_url),
            "model_providers": stored.named(settings.model_providers),
        },
    )
