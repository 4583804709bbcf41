"""The tools executor: a model looks around the worktree with tools and answers one checked JSON value, or text."""

import asyncio
from importlib import import_module
from typing import Any

from agent_api.errors import StepFailed
from agent_api.executors import Emit, Job
from agent_api.settings import AgentSettings
from services.contract.run_event import EventKind
from services.contract.run_result import RunResult, Usage
from services.contract.run_spec import ToolsSettings

SHOWN = 200


class ToolsExecutor:
    """See `Executor` for what `run` and `close` promise. Pydantic AI is imported by the first job, not before."""

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings

    async def run(self, job: Job) -> RunResult:
        settings, access = job.spec.settings, job.spec.model
        if not isinstance(settings, ToolsSettings) or access is None:
            raise StepFailed("bad_spec", "A tools step needs tools settings and a model.")
        emit = _without_key(job.emit, access.token)

        await asyncio.to_thread(import_module, "agent_api.executors.agent_loop")  # long: not on the event loop
        from agent_api.executors.agent_loop import answer
        from agent_api.executors.patient_model import PatientModel, RunEnded

        model = PatientModel(access, job.spec.limits, job.incarnation, emit)
        try:
            value = await answer(job, settings, access, model, emit)
        except RunEnded as ended:
            reason, sentence = ended.problem.reason, ended.problem.sentence
            return RunResult(outcome="cancelled", reason=reason, sentence=sentence, usage=_usage(model.turns))
        except StepFailed as failed:
            sentence = str(failed).replace(access.token, "***")
            return RunResult(outcome="failed", reason=failed.reason, sentence=sentence, usage=_usage(model.turns))
        finally:
            await model.http.close()
        return RunResult(outcome="completed", answer=value, usage=_usage(model.turns))

    async def close(self) -> None:
        """Nothing is kept between jobs."""


def _usage(turns: Any) -> Usage:
    return Usage(tokens_in=turns.tokens_in, tokens_out=turns.tokens_out, model_calls=turns.calls)


def _without_key(emit: Emit, token: str) -> Emit:
    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(token, "***")
        if isinstance(value, dict):
            return {key: clean(inner) for key, inner in value.items()}
        return [clean(inner) for inner in value] if isinstance(value, list) else value

    def redacting(kind: EventKind, text: str = "", **data: Any) -> None:
        emit(kind, clean(text), **clean(data))

    return redacting
