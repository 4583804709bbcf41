"""The vision executor: a model describes pictures of the worktree, and those that the hub keeps."""

from typing import Any

from agent_api.errors import ImageRefused, StepFailed
from agent_api.executors import Job
from agent_api.settings import AgentSettings
from agent_api.vision.describe import QUESTION, Eyes, Way
from agent_api.vision.fetch import fetch
from services.contract.run_result import RunResult, Usage
from services.contract.run_spec import ModelAccess, PictureRef, VisionSettings
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

        question = settings.question or QUESTION
        with KNOWN.knowing("run token", access.token):
            for path in settings.images:
                job.emit("tool_call", f"describe {path}", tool="describe")
                content = self._eyes.read(job.worktree, path)
                seen = await self._eyes.describe(content, path, model, way, question)
                job.emit("tool_result", seen.description, tool="describe", ok=True, cached=seen.cached)
                told.append({"path": path} | seen.model_dump(mode="json"))
            for picture in settings.pictures:
                job.emit("tool_call", f"describe {picture.name}", tool="describe")
                found = await self._kept(picture, model, own, way, question)
                job.emit("tool_result", found.get("description") or found["left_out"], tool="describe", ok=True)
                told.append({"name": picture.name, "sha256": picture.sha256} | found)
        return RunResult(outcome="completed", answer={"images": told}, usage=Usage(model_calls=asked))

    async def _kept(
        self, picture: PictureRef, model: str, access: ModelAccess, way: Way, question: str
    ) -> dict[str, Any]:
        """One that can't be described does not keep the others from it."""
        try:
            content = await fetch(access, picture, self._eyes.settings.vision_max_bytes)
            seen = await self._eyes.describe(content, picture.name, model, way, question)
        except (ImageRefused, StepFailed) as refused:
            return {"left_out": str(refused)}
        return seen.model_dump(mode="json")

    async def close(self) -> None:
        """Nothing is kept open between jobs."""
