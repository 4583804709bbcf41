"""What the owner chose for this agent over /api/config: kept in `agent-config.json` under WFHUB_HOME."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent_api import atomic
from agent_api.errors import BadConfig, ModelNotAllowed
from agent_api.settings import AgentSettings


class Chosen(BaseModel):
    """`workspace` and `model` are for requests that name none; `models` are what requests may name (null: any).

    `readable_secrets` are globs by workspace, as workspaces are named in requests: files named like secrets (`.env`,
    keys) that its tools and commands may read.
    """

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    model: str | None = None
    models: tuple[str, ...] | None = None
    readable_secrets: dict[str, tuple[str, ...]] = Field(default_factory=dict)


def load(settings: AgentSettings) -> Chosen:
    """Raises BadConfig when the file is not as this program wrote it."""
    path = _file(settings)
    try:
        return Chosen.model_validate_json(path.read_bytes()) if path.is_file() else Chosen()
    except ValidationError as error:
        raise BadConfig(f"{path} cannot be read: {error.error_count()} faults.", "Mend it, or delete it.") from error


def save(settings: AgentSettings, changes: Chosen) -> Chosen:
    """Take over the fields that `changes` was made with, and keep the others. Raises BadConfig."""
    chosen = load(settings).model_copy(update=changes.model_dump(exclude_unset=True))
    if chosen.model is not None and chosen.models is not None and chosen.model not in chosen.models:
        raise BadConfig(f"{chosen.model} is not among the allowed models.", "Add it to models, or choose one of them.")
    # Nothing waits between reading and writing, so two requests do not undo each other.
    atomic.write(_file(settings), chosen.model_dump_json().encode(), flush=False)
    return chosen


def allowed_model(settings: AgentSettings, asked: str | None) -> str | None:
    """The model of a request: what it asks for, else the chosen one; None where neither is, and the hub chooses.

    Raises ModelNotAllowed, BadConfig.
    """
    chosen = load(settings)
    model = asked or chosen.model
    if chosen.models is not None and model not in chosen.models:
        asked_for = model or "The hub's own choice"
        raise ModelNotAllowed(
            f"{asked_for} is not allowed here.", f"Ask for one of: {', '.join(chosen.models) or 'none'}."
        )
    return model


def readable_secrets(settings: AgentSettings, workspace: Path) -> tuple[str, ...]:
    """Globs of the workspace's secrets that may be read, whichever way the workspace was named."""
    for named, globs in load(settings).readable_secrets.items():
        if (settings.workspaces_dir / named).resolve() == workspace:
            return globs
    return ()


def _file(settings: AgentSettings) -> Path:
    return settings.wfhub_home / "agent-config.json"
