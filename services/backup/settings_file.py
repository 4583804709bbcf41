"""The settings of a backup, brought into the `.env` of the hub that it is brought back to."""

import re
from collections.abc import Mapping

# What rows are locked with, what people and agents already know, what providers know: as it was in the backup.
SECRET = re.compile(r"WFHUB_TOKEN|WFHUB_SECRET_KEYS?|.*_(API_KEY|SECRET|PASSWORD|ACCESS_TOKEN|AUTH_TOKEN|CREDENTIALS)")
# Folders, ports, programs and addresses of one machine: as they are here.
OF_THE_MACHINE = re.compile(
    r".*_(HOST|PORT|DIR|FILE|PYTHON)|(DATABASE|AGENT_API|MAIN_API|GATEWAY|SCRIPTED_MODEL)_URL|WFHUB_(HOME|ROOT)|HUB_UID"
)
LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=")


def merged(text: str, settings: Mapping[str, str]) -> str:
    """`text` with the backup's secrets, and with those other settings that it lacks and that mean every machine."""
    here = {found[1] for line in text.splitlines() if (found := LINE.match(line))}
    brought = {
        name: value
        for name, value in settings.items()
        if SECRET.fullmatch(name) or (name not in here and not OF_THE_MACHINE.fullmatch(name))
    }
    kept = [line for line in text.splitlines() if not ((found := LINE.match(line)) and found[1] in brought)]
    return "\n".join([*kept, *(f"{name}={_quoted(value)}" for name, value in sorted(brought.items()))]) + "\n"


def _quoted(value: str) -> str:
    """As python-dotenv reads it back."""
    if re.fullmatch(r"[A-Za-z0-9_./:@%+,=-]*", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
