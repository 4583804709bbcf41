"""What main-api is made of: built once at start, shared by all requests."""

from dataclasses import dataclass

from main_api.gateway import Gateway
from main_api.live import Follower
from main_api.settings import MainSettings
from services.events.output import RunOutput
from services.models.providers import build_providers
from services.proofs.files import ProofStore
from services.repos.environment import Identity
from services.repos.repos import Repos
from services.roles.seed import seed
from services.store.database import Database


@dataclass(frozen=True)
class HubParts:
    """`start` before the first request, `stop` after the last."""

    settings: MainSettings
    db: Database
    repos: Repos
    proofs: ProofStore
    output: RunOutput
    follower: Follower
    gateway: Gateway

    @classmethod
    def build(cls, settings: MainSettings) -> "HubParts":
        db = Database(settings.database)
        return cls(
            settings=settings,
            db=db,
            repos=Repos(settings.home, Identity(settings.git_user_name, settings.git_user_email)),
            proofs=ProofStore(settings.home),
            output=RunOutput(settings.home),
            follower=Follower(db),
            gateway=_gateway(settings, db),
        )

    async def start(self) -> None:
        async with self.db.write() as session:
            await seed(session)
        await self.gateway.start()
        await self.follower.start()

    async def stop(self) -> None:
        await self.follower.stop()
        await self.gateway.close()
        await self.db.close()


def _gateway(settings: MainSettings, db: Database) -> Gateway:
    key = settings.openai_api_key
    providers = build_providers(
        ollama_url=settings.ollama_url,
        openai_base_url=settings.openai_base_url,
        openai_api_key=key.get_secret_value() if key else None,
        scripted_model_url=settings.scripted_model_url,
    )
    return Gateway(
        db=db,
        providers=providers,
        secret=settings.secret_key.get_secret_value(),
        daily_budget_usd=settings.daily_budget_usd,
    )
