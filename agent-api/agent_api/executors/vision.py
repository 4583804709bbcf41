"""The vision executor: a model describes pictures of the worktree."""

from typing import Any

from agent_api.errors import StepFailed
from agent_api.executors import Job
from agent_api.settings import AgentSettings
from agent_api.vision.describe import QUESTION, Eyes
from services.contract.run_result import RunResult, Usage
from services.contract.run_spec import ModelAccess, VisionSettings
from services.redaction import KNOWN


class VisionExecutor:
    """See `Executor` for what `run` and `close` promise. The step's model is its workflow's choice."""

    def __init__(self, settings: AgentSettings) -> None:
        self._eyes = Eyes(settings)

    async def run(self, job: Job) -> RunResult:
        settings, access = job.spec.settings, job.spec.model
        if not isinstance(settings, VisionSettings) or access is None:
            raise StepFailed("bad_spec", "A vision step needs vision settings and a model.")
        model = self._eyes.model(access.model)
        own = access.model_copy(update={"token": f"{access.token}.{job.incarnation}"})
        told: list[dict[str, Any]] = []
        asked = 0

        async def way() -> ModelAccess:
            nonlocal asked
            asked += 1
            return own

        with KNOWN.knowing("run token", access.token):
            for path in settings.images:
                job.emit("tool_call", f"describe {path}", tool="describe")
                content = self._eyes.read(job.worktree, path)
                seen = await self._eyes.describe(content, path, model, way, settings.question or QUESTION)
                job.emit("tool_result", seen.description, tool="describe", ok=True, cached=seen.cached)
                told.append({"path": path} | seen.model_dump(mode="json"))
        return RunResult(outcome="completed", answer={"images": told}, usage=Usage(model_calls=asked))

    async def close(self) -> None:
        """Nothing is kept open between jobs."""
