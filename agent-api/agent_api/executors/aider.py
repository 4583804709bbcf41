"""The aider executor: the real Aider edits the worktree, warm under Landlock, or cold under bubblewrap."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from agent_api.cage import bubblewrap
from agent_api.cage.guard import Guard
from agent_api.cage.policy import ResolvedCage
from agent_api.cage.secrets import with_secrets_covered
from agent_api.errors import SECRETS_WAY_OUT, StepFailed
from agent_api.executors import Job, aider_models
from agent_api.executors.aider_change import Change
from agent_api.executors.aider_parent import AiderParent
from agent_api.executors.aider_python import aider_python
from agent_api.executors.aider_task import AiderTask, Ask
from agent_api.executors.aider_transcript import Transcript
from agent_api.settings import AgentSettings
from services.contract.run_event import EventKind
from services.contract.run_result import RunResult
from services.contract.run_spec import AiderSettings, ModelAccess
from services.domain import secret_files
from services.domain.secret_files import is_secret
from services.redaction import KNOWN

LANDLOCK_WITH_TCP = 4  # the first ABI that can hold a process to the gateway's port
_KINDS: frozenset[str] = frozenset(get_args(EventKind))
MODEL_FILES = ("model_settings", "model_metadata")
_PACKAGE = Path(__file__).resolve().parents[1]
_WORDS = Path(secret_files.__file__).resolve().parent  # the only folder of services that the worker imports from
_RESOLVER = (Path("/etc/hosts"), Path("/etc/resolv.conf"))


class AiderExecutor:
    """Keeps one warm Aider for all jobs of the process. See `Executor` for what `run` and `close` promise."""

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings
        self._python = aider_python(settings)
        self._home = settings.wfhub_home / "aider"
        self._models = self._home / "models"
        self.parent = AiderParent(self._python, self._home, settings.aider_idle_seconds)

    @property
    def is_warm(self) -> bool:
        """Whether Aider's process is there now."""
        return self.parent.pid is not None

    async def warm(self) -> None:
        """Import Aider now, so that the first edit need not wait for it (about a second, 55 MB)."""
        await self.parent.warm()

    async def run(self, job: Job) -> RunResult:
        """Edit, test, and edit again while tests fail. What failed is put back; the transcript is kept in any case."""
        settings, model = job.spec.settings, job.spec.model
        if not isinstance(settings, AiderSettings) or model is None:
            raise StepFailed("bad_spec", "An aider step needs aider settings and a model.")
        talk = Transcript(job.emit, job.spec.limits.output_bytes)
        change = Change(job.worktree, job.spec.cage.readable_secrets)
        task = AiderTask(replace(job, emit=talk), settings, model, talk, change, self._edit)
        try:
            with KNOWN.knowing("run token", model.token):
                result = await task.carry_out()
        except BaseException as error:
            task.failed(error)
            raise
        return await task.finished(result)

    async def close(self) -> None:
        await self.parent.close()

    async def _edit(self, job: Job, ask: Ask, change: Change) -> dict[str, Any]:
        """One edit in one child; answers what the worker's result holds, and the cage it was done in."""
        model = job.spec.model
        assert model is not None
        files = aider_models.write(self._models, model)
        cage = await with_secrets_covered(self._cage(job, model))
        request = _request(job, ask, model, cage) | dict(zip(MODEL_FILES, map(str, files), strict=True))
        guard = Guard(cage.protected if cage.backend == "landlock" and not cage.host.namespaces else ())

        def hear(message: dict[str, Any]) -> None:
            change.note(message["before"]) if "before" in message else _forward(job, message)

        if cage.backend == "bubblewrap":
            answer = await self._cold(job, cage, request, hear)
        else:
            answer = await self.parent.edit(request, hear)
        if tampered := guard.put_back():
            raise StepFailed("crashed", f"The edit changed {', '.join(tampered)}; that was put back.")
        return answer | {"cage": cage.backend}

    def _cage(self, job: Job, model: ModelAccess) -> ResolvedCage:
        """The job's cage with Aider's own folders and the way to the gateway; Landlock wherever the kernel has it.

        The forked child restricts itself after the import, so Landlock costs nothing; bubblewrap means a cold start.
        """
        backend = job.cage.backend
        asked = self._settings.cage_backend if job.spec.cage.backend == "auto" else job.spec.cage.backend
        if backend != "none" and asked != "bubblewrap" and job.cage.host.landlock_abi >= LANDLOCK_WITH_TCP:
            backend = "landlock"
        elif backend == "landlock":
            raise StepFailed(
                "cage_unavailable",
                "This kernel's Landlock cannot hold Aider to the gateway's port.",
                "Install bubblewrap, or use a kernel with Landlock ABI 4 (Linux 6.7).",
            )
        url = urlsplit(model.gateway_url)
        own = (self._python.parent.parent, self._python.resolve().parent.parent, _PACKAGE, _WORDS, self._models)
        return replace(
            job.cage,
            backend=backend,
            read_only=(*job.cage.read_only, *own, *(path for path in _RESOLVER if path.exists())),
            network=backend == "bubblewrap",  # it has no rule per port; what runs in it is Aider alone
            tcp_ports=(url.port or (443 if url.scheme == "https" else 80),),
        )

    async def _cold(
        self, job: Job, cage: ResolvedCage, request: dict[str, Any], hear: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        """One process for one edit, all of it in bubblewrap: the imports are paid for again."""
        home = cage.tmp / "aider"
        home.mkdir(exist_ok=True)
        front = [*bubblewrap.arguments(cage, home), "--"]
        parent = AiderParent(self._python, home, self._settings.aider_idle_seconds, lambda argv: front + argv)
        try:
            await parent.warm()
            if parent.pid is not None:
                job.own_group(parent.pid)  # the process numbers inside are not the host's
            return await parent.edit(request, lambda message: "pid" in message or hear(message))
        finally:
            await parent.close()


def _request(job: Job, ask: Ask, model: ModelAccess, cage: ResolvedCage) -> dict[str, Any]:
    limits = job.spec.limits
    return {
        "id": f"{job.spec.run_id}/{job.spec.step}/{job.incarnation}",
        "worktree": job.spec.worktree,
        "message": ask.message,
        "files": _not_secret(job, ask.files),
        "read_files": _not_secret(job, ask.read_files),
        "base_url": f"{model.gateway_url.rstrip('/')}/openai/v1",
        "api_key": f"{model.token}.{job.incarnation}",
        "model": model.model,
        "edit_format": model.edit_format,
        "context_tokens": model.context_tokens,
        "max_output_tokens": model.max_output_tokens,
        "temperature": model.temperature,
        "run_seconds": limits.run_seconds,
        "gateway_wait_seconds": limits.gateway_wait_seconds,
        "output_bytes": limits.output_bytes,
        "memory_bytes": limits.memory_bytes,
        "file_bytes": limits.file_bytes,
        "model_turns": limits.model_turns,
        "readable_secrets": list(job.spec.cage.readable_secrets),
        "cage": {
            "backend": cage.backend,
            "read_only": [str(path) for path in cage.read_only],
            "read_write": [str(path) for path in cage.read_write],
            "protected": [str(path) for path in cage.protected],
            "tmp": str(cage.tmp),
            "tcp_ports": list(cage.tcp_ports),
            "namespaces": cage.host.namespaces,
            "niceness": cage.niceness,
            "covered": [str(path) for path in cage.covered],
        },
    }


def _not_secret(job: Job, paths: tuple[str, ...]) -> list[str]:
    """Aider would send their content to the model."""
    secret = [path for path in paths if is_secret(path, job.spec.cage.readable_secrets)]
    if secret:
        job.emit("notice", f"Not shown to Aider: {', '.join(secret)}. {SECRETS_WAY_OUT}")
    return [path for path in paths if path not in secret]


def _forward(job: Job, message: dict[str, Any]) -> None:
    if "pid" in message:
        job.own_group(message["pid"])
    elif message.get("kind") in _KINDS:
        job.emit(message["kind"], message.get("text", ""), **message.get("data", {}))
