"""What agent-api refuses, and how a step ends badly."""

from typing import ClassVar

from services.domain.errors import HubError

SECRETS_WAY_OUT = "The project's owner may name secrets that agents can read: cage.readable_secrets in its settings."


class Unauthorized(HubError):
    """The bearer token is missing or wrong."""

    code: ClassVar[str] = "agent_unauthorized"


class HostRefused(HubError):
    """The Host header names an address that agent-api does not serve."""

    code: ClassVar[str] = "agent_host_refused"


class BodyTooLarge(HubError):
    """The request's body is larger than this agent reads."""

    code: ClassVar[str] = "agent_body_too_large"


class BadJob(HubError):
    """The spec cannot be carried out as it stands: its address and its content differ, or its worktree is not there."""

    code: ClassVar[str] = "bad_job"


class AgentFull(HubError):
    """As many jobs run as this agent has capacity for."""

    code: ClassVar[str] = "agent_full"


class AgentDiskFull(HubError):
    """The jobs that run fill the space that jobs may take."""

    code: ClassVar[str] = "agent_disk_full"


class JobNotFound(HubError):
    """No job was started under this run and step."""

    code: ClassVar[str] = "job_not_found"


class RunDiffers(HubError):
    """A run of this id exists, and was asked for something else."""

    code: ClassVar[str] = "run_differs"


class ArtifactNotFound(HubError):
    """The job left no artifact of this hash."""

    code: ClassVar[str] = "artifact_not_found"


class OutsideWorkspace(HubError):
    """The path leads out of the workspace, or to something in it that is not for agents."""

    code: ClassVar[str] = "outside_workspace"


class ToolRefused(HubError):
    """A tool cannot do what it was asked; the sentence tells the model or the person what to change."""

    code: ClassVar[str] = "tool_refused"


class ImageRefused(HubError):
    """A file is no picture that can be shown to a model: of another kind, damaged, animated or too large."""

    code: ClassVar[str] = "image_refused"


class VisionModelRefused(HubError):
    """The model is not in the owner's list of those that may be shown pictures."""

    code: ClassVar[str] = "vision_model_refused"


class BadSchema(HubError):
    """The schema that an answer has to fit is no JSON Schema."""

    code: ClassVar[str] = "bad_schema"


class CallerGone(HubError):
    """The caller went away before the answer was there; nobody reads this."""

    code: ClassVar[str] = "caller_gone"


class ModelNotAllowed(HubError):
    """The model is not on the list that the owner set for this agent."""

    code: ClassVar[str] = "model_not_allowed"


class BadConfig(HubError):
    """What the agent is set to does not fit together, or cannot be read from the disk."""

    code: ClassVar[str] = "bad_config"


class CageUnavailable(HubError):
    """The asked-for cage does not work on this host."""

    code: ClassVar[str] = "cage_unavailable"


class MainApiAway(HubError):
    """main-api does not answer, so a direct call has no way to a model."""

    code: ClassVar[str] = "main_api_away"


class MainApiRefused(HubError):
    """main-api gave a direct call no way to a model; `reason` is the code of its own refusal."""

    code: ClassVar[str] = "main_api_refused"


class StepFailed(HubError):
    """An executor could not do its work; `reason` is a code of `RunResult.reason`. The job ends `failed`."""

    code: ClassVar[str] = "step_failed"

    def __init__(self, reason: str, sentence: str, way_out: str = "") -> None:
        super().__init__(sentence, way_out, reason=reason)
        self.reason = reason


class StepLost(HubError):
    """Infrastructure failed; `reason` is a code of `RunResult.reason`. The job ends `lost` and is safe to do again."""

    code: ClassVar[str] = "step_lost"

    def __init__(self, reason: str, sentence: str, way_out: str = "") -> None:
        super().__init__(sentence, way_out, reason=reason)
        self.reason = reason
