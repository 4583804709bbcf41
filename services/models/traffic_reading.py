"""One call out of the log of calls: its question and its answer, as far as they were kept."""

import json
from dataclasses import dataclass
from pathlib import Path

from services.models.traffic import FILE, FILES


@dataclass(frozen=True, slots=True)
class Bodies:
    """As text, without secrets; of long ones the beginning and the end. The sizes are of the whole."""

    request: str
    request_bytes: int
    response: str
    response_bytes: int


def bodies_of(folder: Path, call_id: int) -> Bodies | None:
    """None where the log has it no more: it rotates. Blocks: it reads up to four files of 10 MB."""
    sign = f'"call": {call_id},'.encode()
    for number in range(FILES):
        found = _in(folder / (f"{FILE}.{number}" if number else FILE), sign, call_id)
        if found is not None:
            return found
    return None


def _in(file: Path, sign: bytes, call_id: int) -> Bodies | None:
    try:
        with file.open("rb") as lines:
            for line in lines:
                if sign in line and (found := _read(line, call_id)) is not None:
                    return found
    except FileNotFoundError:
        return None
    return None


def _read(line: bytes, call_id: int) -> Bodies | None:
    """None also for a line that was cut when the machine stopped, or has the sign in a body."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if entry.get("call") != call_id:
        return None
    return Bodies(entry["request"], entry["request_bytes"], entry["response"], entry["response_bytes"])
