"""StackSettings: where the hub lives and on which ports, read once from the environment and `.env`."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from services.logs.rotation import FILE_BYTES, FILES
from services.stack.errors import BadSetting
from services.stack.secrets import read_env_file

GIB = 2**30
LEAST_LOG = 65_536  # a line of ollama_http has some 33 KB
KvType = Literal["f16", "q8_0", "q4_0"]


@dataclass(frozen=True)
class StackSettings:
    """`environment` is `.env` under the process's own variables, which win. Every path is absolute.

    `gpu_memory_bytes` and `kv_type` say what models are fitted to: the card, and how exactly Ollama keeps a context.
    `offline`: the hub asks nothing beyond its owner's machines. `models_at_start` is empty, none, or names of models.
    """

    root: Path
    home: Path
    workspaces: Path
    database_url: str
    main_api_port: int
    agent_api_port: int
    scripted_model_port: int
    start_timeout: float
    stop_grace: float
    upgrade_backups: int
    gpu_memory_bytes: int
    kv_type: KvType
    environment: Mapping[str, str] = field(repr=False)
    python: str = sys.executable
    offline: bool = False
    models_at_start: str = ""
    log_file_bytes: int = FILE_BYTES
    log_files: int = FILES

    @classmethod
    def load(cls, root: Path, environ: Mapping[str, str]) -> "StackSettings":
        """Read `root/.env` and `environ`. Raises BadSetting for a port or a number that is none."""
        root = root.absolute()
        merged = read_env_file(root / ".env") | {name: value for name, value in environ.items() if value}
        home = root / Path(merged.get("WFHUB_HOME", ".wfhub")).expanduser()
        return cls(
            root=root,
            home=home,
            workspaces=root / Path(merged.get("WORKSPACES_DIR", "workspaces")).expanduser(),
            database_url=merged.get("DATABASE_URL") or f"sqlite:///{home / 'hub.sqlite'}",
            main_api_port=_port(merged, "MAIN_API_PORT", 8002),
            agent_api_port=_port(merged, "AGENT_API_PORT", 8001),
            scripted_model_port=_port(merged, "SCRIPTED_MODEL_PORT", 8003),
            start_timeout=_seconds(merged, "STACK_START_TIMEOUT", 60.0),
            stop_grace=_seconds(merged, "STACK_STOP_GRACE", 10.0),
            upgrade_backups=_count(merged, "UPGRADE_BACKUPS", 3),
            gpu_memory_bytes=_memory(merged),
            kv_type=_kv_type(merged),
            environment=merged,
            offline=read_switch(merged, "WFHUB_OFFLINE"),
            models_at_start=merged.get("MODELS_AT_START", "").strip(),
            log_file_bytes=_log_bytes(merged),
            log_files=max(1, _count(merged, "LOG_FILES", FILES)),
        )

    @property
    def main_api_url(self) -> str:
        return f"http://127.0.0.1:{self.main_api_port}"

    @property
    def agent_api_url(self) -> str:
        return f"http://127.0.0.1:{self.agent_api_port}"

    @property
    def scripted_model_url(self) -> str:
        return f"http://127.0.0.1:{self.scripted_model_port}"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """Pid files, the lock and heartbeats."""
        return self.home / "run"


def find_root(environ: Mapping[str, str]) -> Path:
    """The folder of `.env` and `.wfhub`: WFHUB_ROOT, else the checkout this code runs from, else the current folder."""
    if environ.get("WFHUB_ROOT"):
        return Path(environ["WFHUB_ROOT"])
    checkout = Path(__file__).parents[2]
    return checkout if (checkout / "start.sh").is_file() else Path(os.curdir).absolute()


def _port(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadSetting(f"{name} is {text!r}, which is not a port.", "Set a number from 1 to 65535 in .env.")
    return int(text)


def _count(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name) or str(default)
    if not text.isdecimal() or int(text) > 1000:
        raise BadSetting(f"{name} is {text!r}, which is not a number from 0 to 1000.", f"Set for instance {default}.")
    return int(text)


def read_switch(values: Mapping[str, str], name: str) -> bool:
    text = (values.get(name) or "0").lower()
    if text not in ("0", "1", "false", "true"):
        raise BadSetting(f"{name} is {text!r}, which is neither 1 nor 0.", "Set 1, or leave it out.")
    return text in ("1", "true")


def _memory(values: Mapping[str, str]) -> int:
    """The graphics card's, as it is told, whether there is one or not."""
    text = values.get("GPU_MEMORY_BYTES") or str(4 * GIB)
    if not text.isdecimal() or not GIB // 2 <= int(text) <= 1024 * GIB:
        raise BadSetting(f"GPU_MEMORY_BYTES is {text!r}, which is no card's memory.", "Set 4294967296 for 4 GiB.")
    return int(text)


def _log_bytes(values: Mapping[str, str]) -> int:
    text = values.get("LOG_FILE_BYTES") or str(FILE_BYTES)
    if not text.isdecimal() or not LEAST_LOG <= int(text) <= GIB:
        sentence = f"LOG_FILE_BYTES is {text!r}, which is not a number from {LEAST_LOG} to {GIB}."
        raise BadSetting(sentence, f"Set for instance {FILE_BYTES}.")
    return int(text)


def _kv_type(values: Mapping[str, str]) -> KvType:
    text = values.get("OLLAMA_KV_CACHE_TYPE") or "q8_0"
    found = next((one for one in get_args(KvType) if one == text), None)
    if found is None:
        raise BadSetting(f"OLLAMA_KV_CACHE_TYPE is {text!r}, which is no type of cache.", "Set f16, q8_0 or q4_0.")
    return found


def _seconds(values: Mapping[str, str], name: str, default: float) -> float:
    text = values.get(name) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < 86_400:
        raise BadSetting(f"{name} is {text!r}, which is not a number of seconds.", "Set for instance 60 in .env.")
    return seconds
