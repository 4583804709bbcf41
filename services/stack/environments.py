"""What each process is told: its own settings, and no secret it has no use for."""

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from services.redaction.redactor import hashes_of
from services.stack.settings import StackSettings

# What a program needs to run, to speak a language, and to reach a package index through a company's proxy.
SYSTEM = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM", "LOG_LEVEL", "LOG_FORMAT",
          "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
          "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}  # fmt: skip
AGENT_PREFIXES = ("AGENT_", "CAGE_", "AIDER_", "BASH_", "SETUP_", "VISION_", "UV_", "PIP_", "EXTRA_READ_ONLY",
                  "GIT_USER_")  # fmt: skip
# Never inherited: they change which code our processes, or the git and Python they call, would load.
STEERING = (
    *("LD_", "DYLD_", "PYTHONSTARTUP", "PYTHONHOME", "PYTHONINSPECT", "VIRTUAL_ENV", "BASH_ENV", "BASH_FUNC"),
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG", "GIT_EXEC_PATH", "GIT_SSH", "GIT_ASKPASS"),
)
OFFLINE = "WFHUB_OFFLINE"
STAY_OFFLINE = {
    OFFLINE: "1",
    "UV_OFFLINE": "1",
    "PIP_NO_INDEX": "1",
    "NPM_CONFIG_OFFLINE": "true",
}  # for projects' setups
OWN_SECRETS = re.compile(r"WFHUB_(TOKEN|SECRET)_?[A-Z0-9_]*")
SECRET_ENDINGS = ("_API_KEY", "_SECRET", "_PASSWORD", "_ACCESS_TOKEN", "_AUTH_TOKEN", "_CREDENTIALS")


def secrets_digest(environment: Mapping[str, str]) -> str:
    """Changes with the hub's own secrets that a service was told, and with the word to stay off the network; of
    services that are told none of it, it is empty."""
    told = sorted((name, value) for name, value in environment.items() if OWN_SECRETS.fullmatch(name))
    if environment.get(OFFLINE, "").lower() in ("1", "true"):
        told.append((OFFLINE, "1"))
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16] if told else ""


def main_api_environment(settings: StackSettings) -> dict[str, str]:
    """All of the owner's settings, model keys included: only main-api holds them."""
    return _owner(settings) | _addresses(settings)


def orchestrator_environment(settings: StackSettings) -> dict[str, str]:
    """The owner's settings without keys: the orchestrator never calls a model."""
    kept = {name: value for name, value in _owner(settings).items() if not name.upper().endswith(SECRET_ENDINGS)}
    return kept | _addresses(settings) | hashes_of(settings.environment)


def agent_api_environment(settings: StackSettings) -> dict[str, str]:
    """An allow-list, for what it runs is not trusted: no key, no database, of the owner's token only its SHA-256."""
    token = settings.environment.get("WFHUB_TOKEN", "")
    own = {
        name: value
        for name, value in settings.environment.items()
        if name.startswith(AGENT_PREFIXES) and not name.startswith(STEERING) and not name.endswith(SECRET_ENDINGS)
    }
    addresses = _addresses(settings)
    del addresses["DATABASE_URL"]
    return (
        _system(settings.environment)
        | own
        | (STAY_OFFLINE if settings.offline else {})
        | addresses
        | hashes_of(settings.environment)
        | {"WFHUB_TOKEN_SHA256": hashlib.sha256(token.encode()).hexdigest(), "PYDANTIC_AI_NO_BANNER": "1"}
    )


def scripted_model_environment(settings: StackSettings) -> dict[str, str]:
    """Nothing but the system's."""
    return _system(settings.environment) | {"WFHUB_HOME": str(settings.home)}


def _addresses(settings: StackSettings) -> dict[str, str]:
    values = {
        "WFHUB_HOME": str(settings.home),
        "WORKSPACES_DIR": str(settings.workspaces),
        "DATABASE_URL": settings.database_url,
        "MAIN_API_PORT": str(settings.main_api_port),
        "AGENT_API_PORT": str(settings.agent_api_port),
        "MAIN_API_URL": settings.main_api_url,
        "AGENT_API_URL": settings.agent_api_url,
        "GATEWAY_URL": f"{settings.main_api_url}/gateway",
        "SCRIPTED_MODEL_URL": settings.scripted_model_url,
    }
    if points := settings.environment.get("WFHUB_POINTS"):
        values["WFHUB_POINTS"] = points
    aider = settings.root / ".venv-aider" / "bin" / "python"
    if "AIDER_PYTHON" not in settings.environment and aider.is_file():
        values["AIDER_PYTHON"] = str(aider)
    return values


def _owner(settings: StackSettings) -> dict[str, str]:
    own = {name: value for name, value in settings.environment.items() if not name.startswith(STEERING)}
    return own | _python_path(settings.environment)


def _system(environment: Mapping[str, str]) -> dict[str, str]:
    own = {name: value for name, value in environment.items() if name in SYSTEM or name.startswith("LC_")}
    return own | _python_path(environment)


def _python_path(environment: Mapping[str, str]) -> dict[str, str]:
    """A developer's PYTHONPATH, made absolute: our processes run in another folder."""
    path = environment.get("PYTHONPATH", "")
    return (
        {"PYTHONPATH": os.pathsep.join(str(Path(part).absolute()) for part in path.split(os.pathsep))} if path else {}
    )
