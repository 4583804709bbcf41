"""What each container is told: open settings as environment, secrets apart, nothing of the host's own."""

import hashlib
import json
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from services.logs.rotation import VARIABLE, Rotation
from services.redaction.redactor import hashes_of
from services.stack.container_files import kept_secret
from services.stack.container_settings import DOMAIN, ContainerSettings
from services.stack.environments import AGENT_PREFIXES, SECRET_ENDINGS, STAY_OFFLINE, STEERING
from services.stack.errors import BadSetting

MAIN_PORT, AGENT_PORT, SCRIPTED_PORT, SETUP_PORT, STACK_PORT = 8002, 8001, 8003, 8004, 8005
GIBIBYTE, AROUND_A_FILE = 2**30, 1_000_000
SECRET_NAMES = ("WFHUB_TOKEN", "WFHUB_SECRET_KEY", "WFHUB_SECRET_KEYS_BEFORE", "DATABASE_URL")
# Paths, ports and programs of this machine, which mean nothing in a container.
OF_THE_HOST = re.compile(
    r".*_(HOST|PORT|DIR|FILE|IMAGE|PYTHON)$|AGENT_API_URL|GATEWAY_URL|SCRIPTED_MODEL_URL|DATABASE_URL|"
    r"WFHUB_(HOME|PYTHON|POINTS|ROOT)|HUB_UID|STACK_.*|CONTAINER_.*|.*_COUNT|OLLAMA_GPU|IMAGES_FREE_BYTES|EXTRA_READ_ONLY|ALLOWED_HOSTS|AGENT_ALLOWED_HOSTS"
)
# For models elsewhere and clones; an address may hold a password.
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
INDEXES = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "NPM_CONFIG_REGISTRY")


@dataclass(frozen=True)
class Told:
    """`secrets` go into a file that only the one container sees."""

    environment: dict[str, str]
    secrets: dict[str, str]


def main_api(settings: ContainerSettings, scripted: bool) -> Told:
    """The owner's settings, keys included, and the doors it keeps for agent-api."""
    environment, secrets = _owner(settings)
    address = settings.address.partition("://")[2]
    environment = {"SYSTEM_DOMAIN": settings.address} | environment | _addresses(settings, "main-api") | {
        "MAIN_API_HOST": "0.0.0.0",
        "MAIN_API_PORT": str(MAIN_PORT),
        "ALLOWED_HOSTS": _with(settings, "ALLOWED_HOSTS", "127.0.0.1", "localhost", "::1", DOMAIN, "main-api"),
        "ALLOWED_ORIGINS": _with(settings, "ALLOWED_ORIGINS", f"https://{address}"),
        "AGENT_DOOR": f"{AGENT_PORT}=agent-api:{AGENT_PORT}",
        "SETUP_PROXY_PORT": str(SETUP_PORT),
        "SETUP_PROXY_ALLOWED": ",".join(_index_hosts(settings)),
        "STACK_API_URL": f"http://stack:{STACK_PORT}",
    }  # fmt: skip
    if scripted:
        environment["SCRIPTED_MODEL_URL"] = f"http://scripted-model:{SCRIPTED_PORT}"
    else:
        environment.setdefault("OLLAMA_URL", "http://ollama:11434")
    environment |= _agents(settings)
    secrets |= {name: value for name in PROXIES if (value := settings.stack.environment.get(name))}
    secrets |= {
        "DATABASE_URL": database_url(settings),
        "SETUP_PROXY_SECRET": kept_secret(settings, "setup-proxy"),
        "STACK_API_TOKEN": kept_secret(settings, "stack-api"),
    }
    return Told(environment, secrets)


def orchestrator(settings: ContainerSettings, number: int = 1) -> Told:
    """The owner's settings without keys: the orchestrator never calls a model."""
    name = numbered("orchestrator", number)
    environment, secrets = _owner(settings)
    kept = {name: value for name, value in secrets.items() if name in SECRET_NAMES}
    environment |= hashes_of(settings.stack.environment)
    environment |= _addresses(settings, name) | _agents(settings) | {"WORKER_NAME": name}
    return Told(environment, kept | {"DATABASE_URL": database_url(settings)})


def agent_api(settings: ContainerSettings, cage: str, number: int = 1) -> Told:
    """An allow-list: no key, no database, of the owner's token only its SHA-256.

    What a project's setup downloads goes through main-api, which knows this container by a secret of its own.
    """
    own = {name: value for name, value in _documented(settings).items() if name.startswith((*AGENT_PREFIXES, "LOG_"))}
    name = numbered("agent-api", number)
    environment = own | _addresses(settings, name) | {
        "AGENT_API_HOST": "0.0.0.0",
        "AGENT_ALLOWED_HOSTS": _with(settings, "AGENT_ALLOWED_HOSTS", name),
        "AGENT_API_PORT": str(AGENT_PORT),
        "CAGE_BACKEND": cage,
        "NO_PROXY": "main-api,localhost,127.0.0.1",
        "PYDANTIC_AI_NO_BANNER": "1",
    }  # fmt: skip
    environment |= STAY_OFFLINE if settings.stack.offline else {}
    token = settings.stack.environment.get("WFHUB_TOKEN", "")
    proxy = f"http://setup:{quote(kept_secret(settings, 'setup-proxy'))}@main-api:{SETUP_PORT}"
    secrets = {"WFHUB_TOKEN_SHA256": hashlib.sha256(token.encode()).hexdigest(), "HTTPS_PROXY": proxy}
    return Told(environment | hashes_of(settings.stack.environment), _indexes(settings) | secrets)


def ollama(settings: ContainerSettings) -> Told:
    """The context and the cache that fit on the card, for the model that the hub asks unless told otherwise."""
    from services.models.fit import Card  # not at the top: the stack's own image has no models
    from services.models.profile_fields import read_overrides
    from services.models.tuning import environment_for

    values, stack = settings.stack.environment, settings.stack
    wanted, overrides = values.get("DEFAULT_MODEL", ""), read_overrides(values.get("MODEL_PROFILES", ""))
    model = wanted if wanted.startswith("ollama/") else "ollama/qwen2.5-coder:1.5b"
    fitting = environment_for(model, Card(stack.gpu_memory_bytes, stack.kv_type), overrides)
    return Told({"OLLAMA_HOST": "0.0.0.0:11434", "OLLAMA_MODELS": "/models"} | fitting, {})


def stack(settings: ContainerSettings) -> Told:
    """Whose containers it tells of, and who may ask."""
    secrets = {"STACK_API_TOKEN": kept_secret(settings, "stack-api")}
    return Told({"HUB_HOME": str(settings.home), "STACK_API_PORT": str(STACK_PORT)}, secrets)


def caddy(settings: ContainerSettings) -> Told:
    """The ports are the same inside and outside: its redirects name them."""
    environment = {
        "HTTPS_PORT": str(settings.ports["HTTPS_PORT"]), "HTTP_PORT": str(settings.ports["HTTP_PORT"]),
        "HUB_DOMAIN": DOMAIN, "MAIN_API": f"main-api:{MAIN_PORT}", "XDG_DATA_HOME": "/data",
        "XDG_CONFIG_HOME": "/config", "HOME": "/config", "UPLOAD_BYTES": str(_largest_upload(settings)),
    }  # fmt: skip
    return Told(environment, {})


def _largest_upload(settings: ContainerSettings) -> int:
    """What main-api takes at the most, and what is around a file; main-api says what is wrong with a limit."""
    values = settings.stack.environment
    given = [values.get(name, "") for name in ("ATTACHMENT_MAX_BYTES", "REQUEST_MAX_BYTES")]
    return max(int(text) if text.isdecimal() else GIBIBYTE for text in given) + AROUND_A_FILE


def _agents(settings: ContainerSettings) -> dict[str, str]:
    """AGENTS: those of this machine besides the first, then the owner's own."""
    values = settings.stack.environment
    capacity = {"capacity": int(values["AGENT_CAPACITY"])} if values.get("AGENT_CAPACITY", "").isdecimal() else {}
    here = {
        f"agent-{number}": {"url": f"http://{numbered('agent-api', number)}:{AGENT_PORT}", **capacity}
        for number in range(2, settings.agents + 1)
    }
    if not here:
        return {}
    try:
        others = json.loads(values.get("AGENTS") or "{}")
    except ValueError as error:
        raise BadSetting(f"AGENTS is no JSON: {error}.", "Correct it in .env.") from error
    return {"AGENTS": json.dumps(here | others)}


def numbered(name: str, number: int) -> str:
    """The first has no number: most hubs have one."""
    return name if number == 1 else f"{name}-{number}"


def _indexes(settings: ContainerSettings) -> dict[str, str]:
    """The owner's package indexes; their addresses may hold a password. Folders of this machine are none."""
    values = settings.stack.environment
    return {name: values[name] for name in INDEXES if values.get(name, "").startswith("https://")}


def _index_hosts(settings: ContainerSettings) -> list[str]:
    parts = [urlsplit(url) for url in _indexes(settings).values()]
    return sorted({f"{part.hostname}:{part.port or 443}" for part in parts})


def database_url(settings: ContainerSettings) -> str:
    return f"postgresql://wfhub:{quote(kept_secret(settings, 'db-password'))}@db:5432/wfhub"


def _addresses(settings: ContainerSettings, name: str) -> dict[str, str]:
    """With the log file that its lines go to besides the engine: only so can main-api show them."""
    stack = settings.stack
    return {
        VARIABLE: str(Rotation(stack.logs / f"{name}.log", stack.log_file_bytes, stack.log_files)),
        "WFHUB_HOME": str(settings.home),
        "WORKSPACES_DIR": str(settings.stack.workspaces),
        "AGENT_API_URL": f"http://agent-api:{AGENT_PORT}",
        "GATEWAY_URL": f"http://main-api:{MAIN_PORT}/gateway",
    }


def _owner(settings: ContainerSettings) -> tuple[dict[str, str], dict[str, str]]:
    """The settings of the hub, open ones and secret ones."""
    documented = _documented(settings)
    secret = {name for name in documented if name in SECRET_NAMES or name.endswith(SECRET_ENDINGS)}
    return (
        {name: value for name, value in documented.items() if name not in secret},
        {name: value for name, value in documented.items() if name in secret},
    )


def _documented(settings: ContainerSettings) -> dict[str, str]:
    """Of all that is set here, what .env.example knows as a setting of the hub and what does not mean this machine."""
    text = (settings.source / ".env.example").read_text(encoding="utf-8")
    known = set(re.findall(r"^#([A-Z_]+)=", text, re.MULTILINE))
    return {
        name: value
        for name, value in settings.stack.environment.items()
        if name in known and name not in INDEXES and not OF_THE_HOST.fullmatch(name) and not name.startswith(STEERING)
    }


def _with(settings: ContainerSettings, name: str, *more: str) -> str:
    given = settings.stack.environment.get(name, "")
    return ",".join(dict.fromkeys([*more, *(part.strip() for part in given.split(",") if part.strip())]))
