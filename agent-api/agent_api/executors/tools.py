"""The tools executor: a model looks around the worktree with tools and answers one checked JSON value, or text."""

import asyncio
import threading
from dataclasses import replace
from importlib import import_module
from typing import Any

from agent_api.errors import StepFailed
from agent_api.executors import Emit, Job
from agent_api.settings import AgentSettings
from services.contract.asking import sentence_of
from services.contract.feedback import words_of
from services.contract.run_event import EventKind
from services.contract.run_result import RunResult, Usage
from services.contract.run_spec import ToolsSettings
from services.redaction import KNOWN
from services.unseen import unseen

SHOWN = 200
_loading = threading.Lock()


class ToolsExecutor:
    """See `Executor` for what `run` and `close` promise. Pydantic AI is imported by the first job, not before."""

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings

    async def run(self, job: Job) -> RunResult:
        settings, access = job.spec.settings, job.spec.model
        if not isinstance(settings, ToolsSettings) or access is None:
            raise StepFailed("bad_spec", "A tools step needs tools settings and a model.")

        await asyncio.to_thread(_load)  # long: not on the event loop
        from agent_api.executors.agent_loop import answer
        from agent_api.executors.hub_tools import HubTools, PersonAsked
        from agent_api.executors.patient_model import PatientModel, RunEnded

        touched: dict[str, None] = {}
        job = replace(job, emit=_noting(job.emit, touched))
        hub = HubTools(settings)

        def told(turn: int, now: bool) -> str:
            said = job.hear("turn", turn) if now else job.heard("turn", turn)
            return words_of(said) if said else ""

        model = PatientModel(access, job.spec.limits, job.incarnation, job.emit, hub.hidden, told)
        try:
            with KNOWN.knowing("run token", access.token):
                value = await answer(job, settings, access, model, hub)
        except PersonAsked as asked:
            job.emit("asked", asked.question.text, person=True, options=asked.question.options)
            return RunResult(
                outcome="asked", reason="asked", sentence=sentence_of((asked.question,)), questions=(asked.question,),
                wanted=tuple(hub.wanted), learned=tuple(hub.learned), usage=_usage(model.turns, job),
            )  # fmt: skip
        except RunEnded as ended:
            reason, sentence = ended.problem.reason, ended.problem.sentence
            return RunResult(outcome="cancelled", reason=reason, sentence=sentence, usage=_usage(model.turns, job))
        except StepFailed as failed:
            return RunResult(
                outcome="failed", reason=failed.reason, sentence=str(failed), usage=_usage(model.turns, job)
            )
        finally:
            await model.http.close()
        files = tuple(touched)
        return RunResult(
            outcome="completed", answer=value, files_touched=files, wanted=tuple(hub.wanted),
            learned=tuple(hub.learned), usage=_usage(model.turns, job),
        )  # fmt: skip

    async def close(self) -> None:
        """Nothing is kept between jobs."""


def _noting(emit: Emit, touched: dict[str, None]) -> Emit:
    """Says what happens, and keeps the names of the files that tools changed; what a command did only git knows."""

    def note(kind: EventKind, text: str = "", **data: Any) -> None:
        if kind == "edit":
            touched.update(dict.fromkeys(data.get("paths") or ([data["path"]] if "path" in data else [])))
        emit(kind, text, **data)

    return note


def _usage(turns: Any, job: Job) -> Usage:
    """The loop's own turns, and what its tools asked models."""
    by_tools = job.spent
    return Usage(
        tokens_in=turns.tokens_in + sum(usage.tokens_in for usage in by_tools),
        tokens_out=turns.tokens_out + sum(usage.tokens_out for usage in by_tools),
        model_calls=turns.calls + sum(usage.model_calls for usage in by_tools),
    )


def _load() -> None:
    """Without aiohttp, which openai's package would take for a client that nobody here asks for: 6 MB."""
    with _loading, unseen("aiohttp"):
        import_module("agent_api.executors.agent_loop")
