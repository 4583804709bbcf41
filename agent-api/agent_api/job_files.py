"""A job on disk: `spec.json`, `events.jsonl`, `result.json`, `groups.jsonl`, `feedback.jsonl`, `artifacts/<sha256>`.

What is here has to outlive this process, not a loss of power: then every job is interrupted anyway, and is done again.
So nothing waits for the disk; a file that cannot be read counts as not written.
"""

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from agent_api import atomic
from agent_api.cage.process_tree import start_time
from agent_api.errors import ArtifactNotFound
from services.contract.run_event import RunEvent
from services.contract.run_result import Artifact, RunResult
from services.contract.run_spec import RunSpec, Wire
from services.redaction import KNOWN

log = structlog.get_logger(__name__)
Kept = TypeVar("Kept", bound=BaseModel)


class Started(Wire):
    """What `spec.json` holds: the spec of the latest incarnation."""

    spec: RunSpec
    incarnation: int
    started_at: datetime


class JobFiles:
    """Reads and writes one job's folder. One process writes it; any number of readers follow the event file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events = folder / "events.jsonl"
        self.feedback = folder / "feedback.jsonl"
        self.scratch = folder / "scratch"
        self._groups = folder / "groups.jsonl"

    def started(self) -> Started | None:
        return _read(self.folder / "spec.json", Started)

    def result(self) -> RunResult | None:
        return _read(self.folder / "result.json", RunResult)

    def begin(self, spec: RunSpec) -> Started:
        """Record the next incarnation, before anything of it happens."""
        before = self.started()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        last = max(before.incarnation if before else 0, spec.after_incarnation)
        started = Started(spec=spec, incarnation=last + 1, started_at=datetime.now(UTC))
        self._drop_torn_event()
        self._groups.unlink(missing_ok=True)
        (self.folder / "result.json").unlink(missing_ok=True)  # a lost incarnation's
        # The run's token and what a prompt may hold stay in memory: who starts the job again sends the spec again.
        atomic.write(self.folder / "spec.json", KNOWN(started.model_dump_json()).encode(), flush=False)
        return started

    def finish(self, result: RunResult) -> None:
        atomic.write(self.folder / "result.json", result.model_dump_json().encode(), flush=False)

    def append(self, event: RunEvent) -> None:
        """One write of one line: a kill leaves whole lines, or one torn at the very end."""
        with self.events.open("ab", buffering=0) as file:
            file.write(event.model_dump_json().encode() + b"\n")

    def last_seq(self) -> int:
        """Events are numbered without gaps, so the number of whole lines is the last number."""
        return sum(chunk.count(b"\n") for chunk in self._event_chunks())

    def keep(self, name: str, kind: str, content: bytes, media_type: str) -> Artifact:
        digest = hashlib.sha256(content).hexdigest()
        folder = self.folder / "artifacts"
        folder.mkdir(exist_ok=True, mode=0o700)
        if not (folder / digest).exists():
            atomic.write(folder / digest, content, flush=False)
        fields = {"name": name, "kind": kind, "sha256": digest, "size": len(content), "media_type": media_type}
        return Artifact.model_validate(fields)

    def artifact(self, sha256: str) -> Path:
        """The path of an artifact's bytes. Raises ArtifactNotFound."""
        path = self.folder / "artifacts" / sha256
        if len(sha256) != 64 or not sha256.isalnum() or not path.is_file():
            raise ArtifactNotFound(f"This job left no artifact {sha256[:64]}.")
        return path

    def own_group(self, pid: int) -> None:
        """Record a process group that this job started, with what makes the pid unmistakable."""
        line = json.dumps({"pid": pid, "start": start_time(pid), "boot": _boot()})
        with self._groups.open("a") as file:
            file.write(line + "\n")

    def end_groups(self) -> int:
        """Kill the recorded groups that still live; answers how many. A reused pid is never touched."""
        ended = 0
        for line in self._groups.read_text().splitlines() if self._groups.is_file() else ():
            try:
                group = json.loads(line)
            except ValueError:
                continue  # torn by the kill that we clean up after; its process had no time to start anything
            if group["boot"] == _boot() and group["start"] is not None and start_time(group["pid"]) == group["start"]:
                os.killpg(group["pid"], signal.SIGKILL)
                log.info("ended a process group of an earlier life", pid=group["pid"], job=str(self.folder))
                ended += 1
        self._groups.unlink(missing_ok=True)
        return ended

    def clear_scratch(self) -> None:
        """Also what a caged command made read-only or closed. What stays all the same is told to the log, for a job's
        end must not hang on it."""
        if not self.scratch.exists():
            return
        _open_up(self.scratch)
        try:
            shutil.rmtree(self.scratch)
        except OSError as error:
            log.warning("a job's scratch folder could not be removed", folder=str(self.scratch), error=str(error))

    def _event_chunks(self) -> Iterator[bytes]:
        if self.events.is_file():
            with self.events.open("rb") as file:
                while chunk := file.read(1 << 20):
                    yield chunk

    def _drop_torn_event(self) -> None:
        if not self.events.is_file():
            return
        content = self.events.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.events, whole)


def is_folder(path: Path) -> bool:
    return path.is_absolute() and path.is_dir()


def _read(path: Path, kind: type[Kept]) -> Kept | None:
    if not path.is_file():
        return None
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        log.warning("a job's file can't be read", file=str(path), error=str(error)[:300])
        return None


def _open_up(folder: Path) -> None:
    """Give us all rights on the folder and those below it; each is opened before it is looked into."""
    for root, folders, _ in os.walk(folder):
        for below in (Path(root, name) for name in folders):
            if not below.is_symlink():  # its target lies elsewhere, and is not ours to change
                with suppress(OSError):  # another user's: its removal tells
                    below.chmod(0o700)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
