"""The orchestrator's settings, read once from the environment and passed down."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.agents.named import DEFAULT_CAPACITY, Agents
from services.logs import Form, Level
from services.models.budgets import Defaults
from services.models.fit import CARD_BYTES, GIB, Card, KvType
from services.models.named import Providers
from services.models.profile_fields import OverridesText, read_overrides
from services.models.providers import OLLAMA_URL, OPENAI_URL, build_providers
from services.plans.check import PlanLimits
from services.prompts.budgets import SectionTokens
from services.prompts.settings import FOLD_CHARACTERS, PromptSettings, prompt_settings
from services.repos.upkeep import Upkeep
from services.scheduling.limits import RoleLimits, SchedulingLimits, cards_of, rooms
from services.tasks.retry import Backoff


class OrchestratorSettings(BaseSettings):
    """Times are seconds. `.env` is read by start.sh, so that environment variables win."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True)

    name: str = Field(default="orchestrator", pattern=r"^[a-z0-9-]{1,63}$", alias="WORKER_NAME")
    home: Path = Field(default=Path(".wfhub"), alias="WFHUB_HOME")
    database_url: str = Field(default="", alias="DATABASE_URL")
    token: SecretStr = Field(alias="WFHUB_TOKEN")
    secret_key: SecretStr = Field(alias="WFHUB_SECRET_KEY")
    secret_keys_before: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), alias="WFHUB_SECRET_KEYS_BEFORE", repr=False
    )  # while a rotation is under way
    agent_url: str = Field(default="http://127.0.0.1:8001", alias="AGENT_API_URL")
    gateway_url: str = Field(default="http://127.0.0.1:8002/gateway", alias="GATEWAY_URL")
    default_model: str = Field(default="ollama/qwen2.5-coder:1.5b", alias="DEFAULT_MODEL")
    model_profiles: OverridesText = Field(default="", alias="MODEL_PROFILES")
    gpu_memory_bytes: int = Field(default=CARD_BYTES, ge=GIB // 2, le=1024 * GIB, alias="GPU_MEMORY_BYTES")
    kv_type: KvType = Field(default="q8_0", alias="OLLAMA_KV_CACHE_TYPE")
    ollama_url: str = Field(default=OLLAMA_URL, alias="OLLAMA_URL")
    openai_base_url: str = Field(default=OPENAI_URL, alias="OPENAI_BASE_URL")
    scripted_model_url: str | None = Field(default=None, alias="SCRIPTED_MODEL_URL")
    model_providers: Annotated[Providers, NoDecode] = Field(default=(), alias="MODEL_PROVIDERS")
    offline: bool = Field(default=False, alias="WFHUB_OFFLINE")
    fallback_again_seconds: float = Field(default=300, ge=0, alias="FALLBACK_AGAIN_SECONDS")
    daily_budget_usd: float | None = Field(default=None, alias="DAILY_BUDGET_USD", ge=0)
    run_budget_usd: float | None = Field(default=None, alias="RUN_BUDGET_USD", ge=0)
    concurrency: int = Field(default=4, ge=1, alias="WORKER_CONCURRENCY")
    per_project: int = Field(default=4, ge=1, alias="PROJECT_CONCURRENCY")
    same_findings_rounds: int = Field(default=3, ge=2, alias="SAME_FINDINGS_ROUNDS")
    hub_concurrency: int | None = Field(default=None, ge=1, alias="HUB_CONCURRENCY")
    role_concurrency: Annotated[RoleLimits, NoDecode] = Field(default={}, alias="ROLE_CONCURRENCY")
    agent_capacity: int = Field(default=DEFAULT_CAPACITY, ge=1, alias="AGENT_CAPACITY")
    agents: Annotated[Agents, NoDecode] = Field(default=(), alias="AGENTS")
    ageing_seconds: float = Field(default=600, gt=0, alias="QUEUE_AGEING_SECONDS")
    batch_seconds: float = Field(default=300, ge=0, alias="MODEL_BATCH_SECONDS")
    auto_trigger: bool = Field(default=True, alias="AUTO_TRIGGER_AGENTS")
    plan_tries: int = Field(default=3, ge=1, alias="PLAN_TRIES")
    plan_max_tasks: int = Field(default=20, ge=1, le=500, alias="PLAN_MAX_TASKS")
    prompt_pictures: int = Field(default=8, ge=0, le=100, alias="PROMPT_PICTURES")
    plan_max_criteria: int = Field(default=12, ge=1, le=100, alias="PLAN_MAX_CRITERIA")
    makes_per_run: int = Field(default=5, ge=0, le=100, alias="AGENT_MAKES_PER_RUN")
    section_tokens: Annotated[SectionTokens, NoDecode] = Field(default={}, alias="PROMPT_SECTION_TOKENS")
    fold_characters: int = Field(default=FOLD_CHARACTERS, ge=200, le=100_000, alias="HANDOFF_FOLD_CHARACTERS")
    fold_by_model: bool = Field(default=True, alias="HANDOFF_FOLD_BY_MODEL")
    system_domain: str = Field(default="", alias="SYSTEM_DOMAIN")
    agent_wait_seconds: float = Field(default=900, gt=0, alias="AGENT_WAIT_SECONDS")
    agent_silence_seconds: float = Field(default=60, gt=0, alias="AGENT_SILENCE_SECONDS")
    beat_seconds: float = Field(default=2.0, gt=0, alias="WORKER_BEAT_SECONDS")
    ttl_seconds: float = Field(default=15.0, gt=0, alias="WORKER_TTL_SECONDS")
    disk_bytes: int = Field(default=64_000_000, ge=0, alias="WORKER_DISK_BYTES")
    sweep_seconds: float = Field(default=5.0, gt=0, alias="SWEEP_SECONDS")
    engine_keep_days: float = Field(default=7, gt=0, alias="ENGINE_KEEP_DAYS")
    refs_keep_days: float = Field(default=30, gt=0, alias="REFS_KEEP_DAYS")
    mirror_loose_objects: int = Field(default=6_700, ge=0, alias="MIRROR_LOOSE_OBJECTS")
    mirror_packs: int = Field(default=50, ge=0, alias="MIRROR_PACKS")
    worktrees_keep_days: float = Field(default=1, gt=0, alias="WORKTREES_KEEP_DAYS")
    push_seconds: float = Field(default=120, gt=0, alias="PUSH_SECONDS")
    push_retry_seconds: float = Field(default=30, gt=0, alias="PUSH_RETRY_SECONDS")
    push_retry_longest_seconds: float = Field(default=3600, gt=0, alias="PUSH_RETRY_LONGEST_SECONDS")
    retry_first_seconds: float = Field(default=1.0, gt=0, alias="RETRY_FIRST_SECONDS")
    retry_longest_seconds: float = Field(default=60.0, gt=0, alias="RETRY_LONGEST_SECONDS")
    run_deaths: int = Field(default=3, ge=1, alias="RUN_MAX_DEATHS")
    stage_run_seconds: float = Field(default=1800, gt=0, alias="STAGE_RUN_SECONDS")
    stage_stall_seconds: float = Field(default=300, gt=0, alias="STAGE_STALL_SECONDS")
    stage_poison: int = Field(default=3, ge=1, alias="STAGE_POISON")
    stage_lost_retries: int = Field(default=5, ge=0, alias="STAGE_LOST_RETRIES")
    log_level: Level = Field(default="info", alias="LOG_LEVEL")
    log_format: Form = Field(default="json", alias="LOG_FORMAT")
    points: Path | None = Field(default=None, alias="WFHUB_POINTS")
    git_user_name: str = Field(default="Workflow Hub", alias="GIT_USER_NAME")
    git_user_email: str = Field(default="hub@wfhub.localhost", alias="GIT_USER_EMAIL")

    @field_validator("secret_keys_before", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return tuple(key for key in value.split(",") if key) if isinstance(value, str) else value

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.resolve()

    @cached_property
    def profiles(self) -> dict[str, dict[str, Any]]:
        """What the owner says of models, by full name."""
        return read_overrides(self.model_profiles)

    @cached_property
    def own_providers(self) -> frozenset[str]:
        """The providers on the owner's own machines. No key is known here, and none is needed for that."""
        built = build_providers(
            self.ollama_url, self.openai_base_url, None, self.scripted_model_url, named=self.model_providers
        )
        return frozenset({"scripted", *(name for name, provider in built.items() if provider.own)})

    @property
    def card(self) -> Card:
        return Card(self.gpu_memory_bytes, self.kv_type)

    @property
    def plan_limits(self) -> PlanLimits:
        return PlanLimits(self.plan_max_tasks, self.plan_max_criteria)

    @cached_property
    def prompts(self) -> PromptSettings:
        return prompt_settings(
            self.secret_key.get_secret_value(), self.section_tokens, self.system_domain, self.fold_characters
        )

    @property
    def budgets(self) -> Defaults:
        return Defaults(self.daily_budget_usd, self.run_budget_usd)

    @property
    def upkeep(self) -> Upkeep:
        return Upkeep(self.mirror_loose_objects, self.mirror_packs, self.refs_keep_days * 86_400)

    @property
    def backoff(self) -> Backoff:
        return Backoff(self.retry_first_seconds, self.retry_longest_seconds)

    @cached_property
    def limits(self) -> SchedulingLimits:
        return SchedulingLimits(
            self.concurrency, self.per_project, self.ageing_seconds, self.hub_concurrency, self.role_concurrency,
            rooms(self.agent_capacity, self.agents), self.default_model, cards_of(self.model_providers),
            self.batch_seconds,
        )  # fmt: skip

    @property
    def alone(self) -> bool:
        """On SQLite there is one orchestrator, which holds the file's lock: nobody else can take its runs."""
        return self.database.startswith("sqlite")

    @property
    def idle_seconds(self) -> float:
        """When PostgreSQL ends a transaction of a frozen worker: well before its runs are taken over."""
        return self.ttl_seconds / 2

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        """Beats often enough that a lost one does no harm; sweeps so that a takeover comes within twice the limit."""
        if self.beat_seconds * 4 > self.ttl_seconds:
            raise ValueError("WORKER_BEAT_SECONDS is more than a quarter of WORKER_TTL_SECONDS: make it shorter.")
        if self.sweep_seconds * 2 > self.ttl_seconds:
            raise ValueError("SWEEP_SECONDS is more than half of WORKER_TTL_SECONDS: make it shorter.")
        return self

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'hub.sqlite'}"
