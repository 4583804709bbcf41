"""What main-api is made of: built once at start, shared by all requests."""

import asyncio
from dataclasses import dataclass

from pydantic import SecretStr

from main_api import logs
from main_api.activity import Teller
from main_api.agents import AgentWatch
from main_api.catalogue import Catalogue
from main_api.chat.guide import Guide
from main_api.door.callers import Callers
from main_api.follower import Follower
from main_api.foreign_logs import ForeignLogs
from main_api.gateway import Gateway
from main_api.health import HealthWatch
from main_api.housekeeping import Housekeeping
from main_api.live_settings import LiveSettings
from main_api.log_books import LogBooks
from main_api.model_jobs import ModelJobs
from main_api.notebook import Notebook
from main_api.notices import Notices
from main_api.passages import AgentDoor, SetupProxy
from main_api.reads.kept_cards import KeptCards
from main_api.settings import MainSettings
from main_api.signed_in import SignedIn
from services.credentials.rekey import rekey
from services.events.output import RunOutput
from services.files.store import FileStore
from services.files.thumbnails import Thumbnails
from services.models.providers import Provider, build_providers
from services.models.traffic import TrafficLog
from services.projects.clones import Clones
from services.proofs.files import ProofStore
from services.repos.environment import Identity
from services.repos.repos import Repos
from services.roles.seed import seed
from services.store.database import Database
from services.trackers.asana.client import AsanaLimits
from services.trackers.imports import Imports
from services.trackers.links import seed_providers
from services.trackers.sign_in import SignIn


@dataclass
class HubParts:
    """`start` before the first request, `stop` after the last. `settings` are what holds now: read them at each use."""

    settings: MainSettings
    live_settings: LiveSettings
    db: Database
    repos: Repos
    proofs: ProofStore
    attachments: FileStore
    thumbnails: Thumbnails
    output: RunOutput
    follower: Follower
    teller: Teller
    cards: KeptCards
    signed_in: SignedIn
    callers: Callers
    gateway: Gateway
    health: HealthWatch
    agents: AgentWatch
    model_jobs: ModelJobs
    catalogue: Catalogue
    housekeeping: Housekeeping
    notebook: Notebook
    notices: Notices
    clones: Clones
    logs: LogBooks
    foreign_logs: ForeignLogs
    guide: Guide
    trackers: SignIn
    imports: Imports
    passages: tuple[AgentDoor | SetupProxy, ...]

    @classmethod
    def build(cls, settings: MainSettings) -> "HubParts":
        db, output = Database(settings.database), RunOutput(settings.home)
        follower, gateway = Follower(db), _gateway(settings, db)
        repos = Repos(settings.home, Identity(settings.git_user_name, settings.git_user_email))
        attachments = FileStore(settings.home / "attachments")
        trackers = _trackers(settings, db, gateway)
        most = settings.tracker_import_tasks
        return cls(
            settings=settings,
            live_settings=LiveSettings(settings, db, gateway.ring, follower),
            db=db,
            repos=repos,
            proofs=ProofStore(settings.home),
            attachments=attachments,
            thumbnails=Thumbnails(settings.home / "thumbnails"),
            output=output,
            follower=follower,
            teller=Teller(db, output, follower),
            cards=KeptCards(),
            signed_in=SignedIn(db),
            callers=Callers(settings),
            gateway=gateway,
            health=HealthWatch(settings, db, gateway),
            agents=AgentWatch(settings),
            model_jobs=ModelJobs(settings, db, gateway),
            catalogue=Catalogue(gateway),
            housekeeping=Housekeeping(settings, db, repos),
            notebook=Notebook(settings, follower, repos, output),
            notices=Notices(settings, db, follower, gateway.ring),
            trackers=trackers,
            imports=Imports(db, attachments, trackers.with_stored, most, settings.attachment_max_bytes),
            clones=Clones(db, repos, settings.workspaces_dir, settings.clone_limits, settings.clones_at_once),
            logs=LogBooks(settings.home, settings.log_search_seconds),
            foreign_logs=ForeignLogs(settings),
            guide=Guide(),
            passages=_passages(settings),
        )

    async def start(self) -> None:
        logs.learn(self.settings)
        async with self.db.write() as session:
            await seed(session)
            await seed_providers(session)
            # While a rotation is under way, or after one: what is stored gets the present key before anyone adds to it.
            await rekey(session, self.gateway.ring, answers=bool(self.settings.secret_keys_before))
        await self.live_settings.start(self.adopt)
        for store in (self.attachments, self.proofs):
            await asyncio.to_thread(store.sweep)
        await self.signed_in.start()
        await self.gateway.start()
        await self.follower.start()
        for passage in self.passages:
            await passage.start()
        await self.teller.start()
        await self.agents.start()
        await self.foreign_logs.start()
        await self.model_jobs.start()
        await self.housekeeping.start()
        await self.notebook.start()
        await self.notices.start()
        await self.clones.start()
        await self.guide.start(self)

    async def adopt(self, settings: MainSettings) -> None:
        """What was set meanwhile, everywhere; work under way ends as it began."""
        self.settings = settings
        self.gateway.adopt(_providers(settings), settings.budgets)
        self.notices.adopt(settings)
        self.housekeeping.adopt(settings)
        await self.health.adopt(settings)

    async def stop(self) -> None:
        await self.live_settings.stop()
        for passage in self.passages:
            await passage.stop()
        await self.imports.stop()
        await self.clones.stop()
        await self.guide.stop()
        await self.notices.stop()
        await self.notebook.stop()
        await self.housekeeping.stop()
        await self.health.stop()
        await self.agents.stop()
        await self.foreign_logs.stop()
        await self.model_jobs.stop()
        await self.teller.stop()
        await self.signed_in.stop()
        await self.follower.stop()
        await self.gateway.close()
        await self.db.close()
        logs.forget(self.settings)


def _providers(settings: MainSettings) -> dict[str, Provider]:
    return build_providers(
        ollama_url=settings.ollama_url,
        openai_base_url=settings.openai_base_url,
        openai_api_key=_plain(settings.openai_api_key),
        scripted_model_url=settings.scripted_model_url,
        anthropic_api_key=_plain(settings.anthropic_api_key),
        groq_api_key=_plain(settings.groq_api_key),
        named=settings.named_providers,
        anthropic_base_url=settings.anthropic_base_url,
        offline=settings.offline,
    )


def _trackers(settings: MainSettings, db: Database, gateway: Gateway) -> SignIn:
    limits = AsanaLimits(settings.tracker_call_seconds, settings.tracker_tries, settings.tracker_patience_seconds)
    return SignIn(db, gateway.ring, settings.asana_url, limits)


def _gateway(settings: MainSettings, db: Database) -> Gateway:
    return Gateway(
        db=db,
        providers=_providers(settings),
        secret=settings.secret_key.get_secret_value(),
        secrets_before=settings.secret_keys_before,
        traffic=TrafficLog(settings.home / "logs", settings.model_log_body_bytes),
        profiles=settings.profiles,
        card=settings.card,
        tokenizers=settings.home / "models" / "tokenizers",
        budgets=settings.budgets,
        answer_max_bytes=settings.stored_answer_max_bytes,
        silence_seconds=settings.model_silence_seconds,
        fallback_seconds=settings.fallback_seconds,
    )


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _passages(settings: MainSettings) -> tuple[AgentDoor | SetupProxy, ...]:
    opened: list[AgentDoor | SetupProxy] = []
    if settings.agent_door:
        opened.append(AgentDoor(settings.host, settings.agent_door))
    if settings.setup_proxy_port is not None and settings.setup_proxy_secret is not None:
        secret = settings.setup_proxy_secret.get_secret_value()
        opened.append(SetupProxy(settings.host, settings.setup_proxy_port, secret, settings.setup_proxy_allowed))
    return tuple(opened)
