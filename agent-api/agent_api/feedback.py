"""What a person tells a job while it runs, kept beside it with the place in the conversation where it was heard.

A job that is done again hears it at the very same place: what it then asks its model is what it asked before, and is
answered from the gateway's store. What nobody has heard yet waits until the job is past what it had reached.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import structlog

from services.contract.feedback import Feedback
from services.redaction import KNOWN

log = structlog.get_logger(__name__)
Where = Literal["turn", "answer", "edit"]


class FeedbackFile:
    """JSON lines: what was said, how far the job got, what it heard where. One process writes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._said: dict[int, Feedback] = {}
        self._heard: dict[int, tuple[Where, int]] = {}
        self._reached = -1
        for line in _lines(path):
            self._learn(line)

    def add(self, said: Feedback) -> bool:
        """Whether it was heard already. The same one again changes nothing."""
        if said.id not in self._said:
            self._append({"id": said.id, "text": said.text, "words": said.words})
        return said.id in self._heard

    def at(self, where: Where, number: int) -> list[Feedback]:
        """What was heard there, in this life of the job or an earlier one."""
        return [self._said[one] for one, place in self._heard.items() if place == (where, number)]

    def take(self, where: Where, number: int, tell: Callable[[Feedback], object]) -> list[Feedback]:
        """The same, with what waits. `number` grows as the job goes on; `tell` is called for what is heard the first
        time, before that is written down: after a kill in between it is told again, and never lost."""
        for said in [one for one in self._said.values() if one.id not in self._heard]:
            if number < self._reached:
                break
            tell(said)
            self._append({"heard": said.id, "where": where, "at": number})
        if number > self._reached:
            self._append({"reached": number})
        return self.at(where, number)

    def _append(self, line: dict[str, Any]) -> None:
        data = KNOWN(json.dumps(line, ensure_ascii=False)).encode("utf-8", "surrogatepass") + b"\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            file.write(data)
        self._learn(json.loads(data.decode("utf-8", "surrogatepass")))

    def _learn(self, line: dict[str, Any]) -> None:
        if "id" in line:
            self._said.setdefault(line["id"], Feedback(id=line["id"], text=line["text"], words=line["words"]))
        elif "heard" in line and line["heard"] in self._said:
            self._heard.setdefault(line["heard"], (line["where"], line["at"]))
        elif "reached" in line:
            self._reached = max(self._reached, line["reached"])


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    whole = path.read_bytes()
    end = whole.rfind(b"\n") + 1
    if end < len(whole):
        os.truncate(path, end)  # torn by a kill
    found: list[dict[str, Any]] = []
    for raw in whole[:end].splitlines():
        try:
            found.append(json.loads(raw.decode("utf-8", "surrogatepass")))
        except ValueError:
            log.warning("feedback.unreadable", path=str(path), kept=len(found))
            break
    return found
