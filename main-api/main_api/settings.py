"""MainSettings: everything main-api is told from outside, read once at the entry."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from main_api.door.names import ORIGIN, known_hosts
from main_api.refusals import BadSettings
from services.agents.named import DEFAULT_CAPACITY, Agents
from services.contract.vision import VISION_MODELS, vision_models
from services.logs import Form, Level
from services.models.budgets import Defaults
from services.models.fit import CARD_BYTES, GIB, Card, KvType
from services.models.named import Credentials, Providers, with_keys
from services.models.profile_fields import OverridesText, read_overrides
from services.models.providers import Named
from services.models.stored_answers import Bounds
from services.notices.line import NoticeLimits
from services.plans.check import PlanLimits
from services.prompts.budgets import SectionTokens
from services.prompts.settings import FOLD_CHARACTERS, PromptSettings, address_of, prompt_settings
from services.repos.clone import CloneLimits
from services.requests.create import RequestLimits
from services.scheduling.limits import RoleLimits, SchedulingLimits, cards_of, rooms
from services.trackers.asana.client import BASE as ASANA

MIN_SECRET = 24
PLACEHOLDERS = ("change", "placeholder", "example", "secret", "password")  # too long to occur in a random one
_PAGE = Path(__file__).parents[2] / "static" / "dist"  # of a checkout; an image sets STATIC_DIR


def _split(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]


class MainSettings(BaseModel):
    """Read with `from_environment`. Sizes are bytes, money is US dollars, `home` and `workspaces_dir` are absolute.

    A budget of None means no limit. `allowed_hosts` are names without a port; `allowed_origins` whole origins
    (`https://hub.example`) besides the hub's own. `system_domain` is the hub's public address, for sign-in links
    and for what agents are told: empty means the address that the link was asked for under. Times are seconds.
    """

    model_config = ConfigDict(frozen=True)

    home: Path = Field(alias="WFHUB_HOME")
    token: SecretStr = Field(alias="WFHUB_TOKEN")
    secret_key: SecretStr = Field(alias="WFHUB_SECRET_KEY")
    database_url: SecretStr = Field(SecretStr(""), alias="DATABASE_URL")
    host: str = Field("127.0.0.1", alias="MAIN_API_HOST")
    port: int = Field(8002, alias="MAIN_API_PORT", ge=1, le=65535)
    workspaces_dir: Path = Field(Path("workspaces"), alias="WORKSPACES_DIR")
    agent_api_url: str = Field("http://127.0.0.1:8001", alias="AGENT_API_URL")
    ollama_url: str = Field("http://127.0.0.1:11434", alias="OLLAMA_URL")
    openai_base_url: str = Field("https://api.openai.com/v1", alias="OPENAI_BASE_URL")
    openai_api_key: SecretStr | None = Field(None, alias="OPENAI_API_KEY")
    anthropic_base_url: str = Field("https://api.anthropic.com", alias="ANTHROPIC_BASE_URL")
    anthropic_api_key: SecretStr | None = Field(None, alias="ANTHROPIC_API_KEY")
    groq_api_key: SecretStr | None = Field(None, alias="GROQ_API_KEY")
    model_providers: Providers = Field((), alias="MODEL_PROVIDERS")
    model_credentials: Credentials = Field({}, alias="MODEL_PROVIDER_CREDENTIALS", repr=False)
    scripted_model_url: str | None = Field(None, alias="SCRIPTED_MODEL_URL")
    offline: bool = Field(False, alias="WFHUB_OFFLINE")
    model_silence_seconds: float = Field(600, alias="MODEL_SILENCE_SECONDS", gt=0, le=86_400)
    fallback_seconds: float = Field(240, alias="FALLBACK_SECONDS", gt=0, le=86_400)
    model_log_body_bytes: int = Field(16_384, alias="MODEL_LOG_BODY_BYTES", ge=0, le=1_000_000)
    default_model: str = Field("ollama/qwen2.5-coder:1.5b", alias="DEFAULT_MODEL")
    model_jobs_max: int = Field(20, alias="MODEL_JOBS_MAX", ge=1, le=1_000)
    model_profiles: OverridesText = Field("", alias="MODEL_PROFILES")
    gpu_memory_bytes: int = Field(CARD_BYTES, alias="GPU_MEMORY_BYTES", ge=GIB // 2, le=1024 * GIB)
    kv_type: KvType = Field("q8_0", alias="OLLAMA_KV_CACHE_TYPE")
    plan_max_tasks: int = Field(20, alias="PLAN_MAX_TASKS", ge=1, le=500)
    plan_max_criteria: int = Field(12, alias="PLAN_MAX_CRITERIA", ge=1, le=100)
    section_tokens: SectionTokens = Field({}, alias="PROMPT_SECTION_TOKENS")
    prompt_pictures: int = Field(8, alias="PROMPT_PICTURES", ge=0, le=100)
    vision_models: Names = Field(vision_models(VISION_MODELS), alias="VISION_MODELS")
    fold_characters: int = Field(FOLD_CHARACTERS, alias="HANDOFF_FOLD_CHARACTERS", ge=200, le=100_000)
    task_notes_max: int = Field(500, alias="TASK_NOTES_MAX", ge=1, le=100_000)
    pause_answer_seconds: float = Field(1.0, alias="PAUSE_ANSWER_SECONDS", ge=0, le=30)
    board_column_cards: int = Field(40, alias="BOARD_COLUMN_CARDS", ge=1, le=500)
    auto_trigger_agents: bool = Field(True, alias="AUTO_TRIGGER_AGENTS")
    points: Path | None = Field(None, alias="WFHUB_POINTS")
    allowed_hosts: Names = Field(("127.0.0.1", "localhost", "::1", "wfhub.localhost"), alias="ALLOWED_HOSTS")
    allowed_origins: Names = Field((), alias="ALLOWED_ORIGINS")
    max_body_bytes: int = Field(1_000_000, alias="MAX_BODY_BYTES", gt=0)
    feedback_max_characters: int = Field(8_000, alias="FEEDBACK_MAX_CHARACTERS", ge=1, le=200_000)
    gateway_max_body_bytes: int = Field(32_000_000, alias="GATEWAY_MAX_BODY_BYTES", gt=0)
    attachment_max_bytes: int = Field(1 << 30, alias="ATTACHMENT_MAX_BYTES", gt=0)
    request_max_characters: int = Field(20_000, alias="REQUEST_MAX_CHARACTERS", ge=100, le=1_000_000)
    request_max_files: int = Field(20, alias="REQUEST_MAX_FILES", ge=1, le=200)
    request_max_bytes: int = Field(1 << 30, alias="REQUEST_MAX_BYTES", gt=0)
    chat_max_characters: int = Field(4_000, alias="CHAT_MAX_CHARACTERS", ge=100, le=40_000)
    guide_seconds: float = Field(180, alias="GUIDE_SECONDS", gt=0, le=3_600)
    guide_answer_tokens: int = Field(700, alias="GUIDE_ANSWER_TOKENS", ge=100, le=8_000)
    guide_concurrency: int = Field(4, alias="GUIDE_CONCURRENCY", ge=1, le=64)
    max_header_bytes: int = Field(32_768, alias="MAX_HEADER_BYTES", ge=1_024)
    max_connections: int = Field(500, alias="MAX_CONNECTIONS", ge=10)
    header_timeout_seconds: float = Field(15, alias="HEADER_TIMEOUT_SECONDS", gt=0)
    body_timeout_seconds: float = Field(30, alias="BODY_TIMEOUT_SECONDS", gt=0)
    reader_timeout_seconds: float = Field(60, alias="READER_TIMEOUT_SECONDS", gt=0)
    ping_seconds: float = Field(20, alias="WS_PING_SECONDS", gt=0)
    login_failures_per_client: int = Field(10, alias="LOGIN_FAILURES_PER_CLIENT", ge=1)
    login_failures_overall: int = Field(100, alias="LOGIN_FAILURES_OVERALL", ge=1)
    login_failure_seconds: float = Field(60, alias="LOGIN_FAILURE_SECONDS", gt=0, le=86_400)
    static_dir: Path = Field(_PAGE, alias="STATIC_DIR")
    system_domain: str = Field("", alias="SYSTEM_DOMAIN", pattern=r"^(https?://)?[A-Za-z0-9._-]*(:\d{1,5})?$")
    login_link_seconds: float = Field(600, alias="LOGIN_LINK_SECONDS", gt=0, le=86_400)
    session_seconds: float = Field(2_592_000, alias="SESSION_SECONDS", gt=0, le=31_536_000)
    git_user_name: str = Field("Workflow Hub", alias="GIT_USER_NAME", min_length=1)
    notebook_seconds: float = Field(5, alias="WORKFLOW_FOLDER_SECONDS", ge=0, le=3_600)
    notebook_bytes: int = Field(20_000_000, alias="WORKFLOW_FOLDER_BYTES", ge=0)
    per_project: int = Field(4, alias="PROJECT_CONCURRENCY", ge=1)
    hub_concurrency: int | None = Field(None, alias="HUB_CONCURRENCY", ge=1)
    role_concurrency: RoleLimits = Field({}, alias="ROLE_CONCURRENCY")
    agent_capacity: int = Field(DEFAULT_CAPACITY, alias="AGENT_CAPACITY", ge=1)
    agents: Agents = Field((), alias="AGENTS")
    agent_beat_seconds: float = Field(5, alias="AGENT_BEAT_SECONDS", gt=0, le=3_600)
    agent_gone_seconds: float = Field(30, alias="AGENT_GONE_SECONDS", gt=0, le=86_400)
    ageing_seconds: float = Field(600, alias="QUEUE_AGEING_SECONDS", gt=0)
    batch_seconds: float = Field(300, alias="MODEL_BATCH_SECONDS", ge=0)
    git_user_email: str = Field("hub@wfhub.localhost", alias="GIT_USER_EMAIL", min_length=1)
    daily_budget_usd: float | None = Field(None, alias="DAILY_BUDGET_USD", ge=0)
    run_budget_usd: float | None = Field(None, alias="RUN_BUDGET_USD", ge=0)
    stored_answers_max_mb: float = Field(512, alias="STORED_ANSWERS_MAX_MB", ge=0, le=1e9)
    stored_answers_max_days: float = Field(14, alias="STORED_ANSWERS_MAX_DAYS", ge=0, le=36_500)
    stored_answer_max_bytes: int = Field(8_000_000, alias="STORED_ANSWER_MAX_BYTES", ge=0)
    secret_keys_before: Names = Field((), alias="WFHUB_SECRET_KEYS_BEFORE", repr=False)  # while a rotation is under way
    notice_attempts: int = Field(12, alias="NOTICE_ATTEMPTS", ge=1, le=100)
    notice_first_seconds: float = Field(5, alias="NOTICE_FIRST_SECONDS", gt=0, le=3_600)
    notice_longest_seconds: float = Field(3_600, alias="NOTICE_LONGEST_SECONDS", gt=0, le=86_400)
    notice_call_seconds: float = Field(10, alias="NOTICE_CALL_SECONDS", gt=0, le=300)
    metrics_max_days: int = Field(366, alias="METRICS_MAX_DAYS", ge=1, le=36_500)
    log_level: Level = Field("info", alias="LOG_LEVEL")
    log_format: Form = Field("json", alias="LOG_FORMAT")
    clone_max_bytes: int = Field(10_000_000_000, alias="CLONE_MAX_BYTES", gt=0)
    clone_seconds: float = Field(1_800, alias="CLONE_SECONDS", gt=0, le=86_400)
    clones_at_once: int = Field(2, alias="CLONES_AT_ONCE", ge=1, le=20)
    log_batch_lines: int = Field(200, alias="LOG_BATCH_LINES", ge=10, le=1_000)
    log_search_seconds: float = Field(3, alias="LOG_SEARCH_SECONDS", gt=0, le=60)
    asana_url: str = Field(ASANA, alias="ASANA_URL", pattern=r"^https?://[^\s?#]+$")
    tracker_import_tasks: int = Field(500, alias="TRACKER_IMPORT_TASKS", ge=1, le=10_000)
    tracker_call_seconds: float = Field(30, alias="TRACKER_CALL_SECONDS", gt=0, le=600)
    tracker_tries: int = Field(4, alias="TRACKER_TRIES", ge=1, le=20)
    tracker_patience_seconds: float = Field(120, alias="TRACKER_PATIENCE_SECONDS", ge=0, le=3_600)
    disk_free_bytes: int = Field(1_000_000_000, alias="DISK_FREE_BYTES", ge=0)
    worker_ttl_seconds: float = Field(15.0, alias="WORKER_TTL_SECONDS", gt=0)
    # In containers only, where agent-api's network leads nowhere but here (main_api/passages).
    agent_door: str = Field("", alias="AGENT_DOOR")
    setup_proxy_port: int | None = Field(None, alias="SETUP_PROXY_PORT", ge=0, le=65535)
    setup_proxy_secret: SecretStr | None = Field(None, alias="SETUP_PROXY_SECRET")
    setup_proxy_allowed: Names = Field((), alias="SETUP_PROXY_ALLOWED")
    stack_api_url: str | None = Field(None, alias="STACK_API_URL")
    stack_api_token: SecretStr | None = Field(None, alias="STACK_API_TOKEN")

    @field_validator("allowed_hosts")
    @classmethod
    def _real_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(known_hosts([name]) for name in value):
            raise ValueError("names of hosts without ports, such as hub.example; there is no sign for all of them")
        return value

    @field_validator("model_credentials")
    @classmethod
    def _keys_have_addresses(cls, value: Credentials, info: ValidationInfo) -> Credentials:
        with_keys(info.data.get("model_providers", ()), value)
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _real_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(ORIGIN.fullmatch(origin.rstrip("/").lower()) for origin in value):
            raise ValueError("whole origins such as https://hub.example; neither `null` nor a sign for all of them")
        return value

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "MainSettings":
        """Raises BadSettings with one sentence for all that is missing or wrong. An empty variable counts as unset."""
        values = {name: value for name, value in environ.items() if value.strip()}
        values["WFHUB_HOME"] = str(Path(values.get("WFHUB_HOME", ".wfhub")).expanduser().absolute())
        values["WORKSPACES_DIR"] = str(Path(values.get("WORKSPACES_DIR", "workspaces")).expanduser().absolute())
        if "STATIC_DIR" in values:
            values["STATIC_DIR"] = str(Path(values["STATIC_DIR"]).expanduser().absolute())
        values.setdefault("DATABASE_URL", f"sqlite:///{values['WFHUB_HOME']}/hub.sqlite")
        for name in ("WFHUB_TOKEN", "WFHUB_SECRET_KEY"):
            _check_secret(name, values.get(name, ""))
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors(include_input=False))
            raise BadSettings(f"The settings can't be used: {faults}.", "Correct them in .env.") from error

    @property
    def named_providers(self) -> tuple[Named, ...]:
        return with_keys(self.model_providers, self.model_credentials)

    @cached_property
    def profiles(self) -> dict[str, dict[str, Any]]:
        """What the owner says of models, by full name."""
        return read_overrides(self.model_profiles)

    @property
    def card(self) -> Card:
        return Card(self.gpu_memory_bytes, self.kv_type)

    @property
    def request_limits(self) -> RequestLimits:
        return RequestLimits(self.request_max_characters, self.request_max_files, self.request_max_bytes)

    @property
    def clone_limits(self) -> CloneLimits:
        return CloneLimits(self.clone_max_bytes, self.clone_seconds, self.disk_free_bytes)

    @property
    def plan_limits(self) -> PlanLimits:
        return PlanLimits(self.plan_max_tasks, self.plan_max_criteria)

    @property
    def notices(self) -> NoticeLimits:
        waits = (self.notice_first_seconds, self.notice_longest_seconds)
        return NoticeLimits(self.notice_attempts, *waits, self.notice_call_seconds)

    @property
    def budgets(self) -> Defaults:
        return Defaults(self.daily_budget_usd, self.run_budget_usd)

    @cached_property
    def limits(self) -> SchedulingLimits:
        """As the orchestrators have them; how many runs each carries, its row says."""
        return SchedulingLimits(
            per_project=self.per_project, ageing_seconds=self.ageing_seconds, overall=self.hub_concurrency,
            per_role=self.role_concurrency, agents=rooms(self.agent_capacity, self.agents),
            default_model=self.default_model, cards=cards_of(self.model_providers), batch_seconds=self.batch_seconds,
        )  # fmt: skip

    @property
    def answer_bounds(self) -> Bounds:
        return Bounds(int(self.stored_answers_max_mb * 1e6), timedelta(days=self.stored_answers_max_days))

    @property
    def public_url(self) -> str:
        """`https://wfhub.localhost`, without a slash at its end; empty when SYSTEM_DOMAIN is not set."""
        return address_of(self.system_domain)

    @cached_property
    def prompts(self) -> PromptSettings:
        """As the orchestrators have them, so that a preview shows what a run would be told."""
        return prompt_settings(
            self.secret_key.get_secret_value(), self.section_tokens, self.system_domain, self.fold_characters
        )

    @property
    def cookie(self) -> str:
        """The session cookie's name. It holds the port: browsers keep one jar for all ports of a host."""
        return f"wfhub_session_{self.port}"

    @property
    def database(self) -> str:
        return self.database_url.get_secret_value()

    @property
    def database_password(self) -> str:
        return _password(self.database)


def _password(url: str) -> str:
    try:
        return str(make_url(url).password or "")
    except ArgumentError:  # Database says what is wrong with it
        return ""


def _check_secret(name: str, value: str) -> None:
    if not value:
        raise BadSettings(f"{name} is not set.", "Run ./start.sh, which makes one, or set it in .env.")
    if len(value) < MIN_SECRET or len(set(value)) < 8 or any(word in value.lower() for word in PLACEHOLDERS):
        raise BadSettings(
            f"{name} is a placeholder or shorter than {MIN_SECRET} characters.",
            "Set a random one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'.",
        )
