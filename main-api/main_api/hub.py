"""What main-api is made of: built once at start, shared by all requests."""

from dataclasses import dataclass

from main_api.live import Follower
from main_api.settings import MainSettings
from services.events.output import RunOutput
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
        )

    async def start(self) -> None:
        async with self.db.write() as session:
            await seed(session)
        await self.follower.start()

    async def stop(self) -> None:
        await self.follower.stop()
        await self.db.close()
