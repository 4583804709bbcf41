"""The auto-test loop's other half: the project's tests in the cage, and what a failure is told to Aider as."""

from dataclasses import dataclass, replace

from agent_api.errors import StepFailed
from agent_api.executors import Job
from agent_api.executors.command import CommandExecutor
from services.contract.run_result import Artifact
from services.contract.run_spec import CommandSettings
from services.domain.proof_kinds import ProofKind
from services.redaction import KNOWN

_FENCE = "```"


@dataclass(frozen=True)
class Tested:
    """How the tests ended after a round, and the end of what they said."""

    passed: bool
    exit_code: int | None
    output: str

    @property
    def facts(self) -> dict[str, object]:
        return {"passed": self.passed, "exit_code": self.exit_code, "output": self.output}


async def run_tests(job: Job, settings: CommandSettings, seconds: float, characters: int) -> Tested:
    """Run them as a `command` step would, for so many seconds. `characters` is the most of their output that is told.

    Tests that end at a limit, or whose environment can't be built any more since the edit, have failed.
    """
    kept: list[bytes] = []

    def keep(name: str, kind: ProofKind, content: bytes, media_type: str) -> Artifact:
        if name == f"{settings.name}.log":
            kept.append(content)
        return job.keep(name, kind, content, media_type)

    limits = job.spec.limits.model_copy(update={"run_seconds": seconds})
    spec = job.spec.model_copy(update={"settings": settings, "limits": limits})
    why, code = "", None
    try:
        result = await CommandExecutor(job.settings).run(replace(job, spec=spec, keep=keep))
        code = result.exit_code
    except StepFailed as failed:
        if failed.reason not in ("time_limit", "output_limit", "setup_failed"):
            raise
        why = f"\n{failed.sentence}"
    output = KNOWN(b"".join(kept).decode(errors="replace"))
    job.emit("tests", f"{settings.name}: {'passed' if code == 0 else 'failed'}", exit_code=code)
    return Tested(code == 0, code, output[-characters:] + why)


def next_message(message: str, settings: CommandSettings, tested: Tested) -> str:
    """What Aider is asked after a failure: the task again, as each round begins with a clean head, and the output."""
    ended = "was stopped" if tested.exit_code is None else f"ended with exit code {tested.exit_code}"
    output = tested.output.replace(_FENCE, "'''").strip() or "(they said nothing)"
    return (
        f"{message}\n\n# The project's tests fail\n"
        f"Your change was applied. Then `{settings.command}` {ended}:\n"
        f"{_FENCE}\n{output}\n{_FENCE}\n"
        "Mend the code so that the tests pass. Do not weaken or remove tests."
    )
