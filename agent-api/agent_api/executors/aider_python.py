"""Where Aider's own Python is."""

from pathlib import Path

from agent_api.settings import AgentSettings

_REPOSITORY = Path(__file__).resolve().parents[3]


def aider_python(settings: AgentSettings) -> Path:
    """The one that is set, else that of the environment which ./start.sh makes."""
    return settings.aider_python or _REPOSITORY / ".venv-aider" / "bin" / "python"
