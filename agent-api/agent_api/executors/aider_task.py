"""An Aider step from first question to result: rounds of an edit and the project's tests, judged by the disk."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from agent_api.errors import StepLost
from agent_api.executors import Job, environment
from agent_api.executors.aider_change import Change
from agent_api.executors.aider_tests import Tested, next_message, run_tests
from agent_api.executors.aider_transcript import Transcript
from agent_api.executors.asked_in_words import questions_in
from agent_api.hold import next_step
from services.contract.asking import AskedQuestion, sentence_of
from services.contract.feedback import words_of
from services.contract.run_result import RunResult, Usage
from services.contract.run_spec import AiderSettings, ModelAccess
from services.domain.errors import HubError
from services.repos.chosen import Checkout, commit_chosen, look_at
from services.repos.environment import Identity
from services.repos.git import Git

SHOWN = 200
NO_EDIT = frozenset({"edit_failed", "edit_refused"})  # with a question beside it, the edit does not matter


@dataclass(frozen=True, slots=True)
class Ask:
    """What one edit is told."""

    message: str
    files: tuple[str, ...]
    read_files: tuple[str, ...]


Edit = Callable[[Job, Ask, Change], Awaitable[dict[str, Any]]]


@dataclass
class AiderTask:
    """Use once: `carry_out`, then `finished` with its result, or `failed` with what it raised."""

    job: Job
    settings: AiderSettings
    model: ModelAccess
    talk: Transcript
    change: Change
    edit: Edit
    usage: Usage = field(default_factory=Usage)
    answers: list[dict[str, Any]] = field(default_factory=list)
    tested: list[Tested] = field(default_factory=list)
    checkout: Checkout | None = None

    async def carry_out(self) -> RunResult:
        """Raises StepFailed and StepLost; the worktree then holds whatever was written until that moment."""
        settings = self.settings
        if settings.commit_message is not None:
            self.checkout = await look_at(self._git(), self.job.worktree)
        if settings.test is not None:
            await environment.prepare(self.job, settings.test)  # what can't be built is said before a model is paid
        ask = Ask(settings.message, settings.files, settings.read_files)
        rounds, untested = settings.test_rounds, False
        while True:
            answer = await self._ask(ask)
            if asked := self._questions(answer):
                return self._result("asked", "asked", sentence_of(asked), asked)
            if answer["outcome"] != "completed":
                return self._result(answer["outcome"], answer["reason"], answer["sentence"])
            edited = await asyncio.to_thread(self.change.edited)
            untested = untested or bool(answer["edited"])
            if said := self.job.hear("edit", len(self.answers)):  # an edit of its own, and no round of the tests'
                ask = self._again(f"{settings.message}\n\n{words_of(said)}", edited)
                continue
            if not edited and not self.tested:
                return self._unchanged(answer)
            if settings.test is None:
                return self._result("completed", "", answer["sentence"])
            if self.tested and not untested:
                break  # asked to mend it, the model changed nothing: the same tests would fail the same way
            tested, untested = await run_tests(self.job, settings.test, settings.test_seconds, self._room()), False
            self.tested.append(tested)
            if tested.passed or not rounds:
                break
            rounds -= 1
            ask = self._again(next_message(settings.message, settings.test, tested), edited)
        return self._tested_result()

    def _again(self, message: str, edited: tuple[str, ...]) -> Ask:
        """What was edited may be edited further."""
        return Ask(message, tuple(dict.fromkeys((*self.settings.files, *edited))), self.settings.read_files)

    def failed(self, error: BaseException) -> None:
        """The step ends by an error, or was cancelled: nothing of it stays but the transcript."""
        reason = getattr(error, "reason", "") or (
            "cancelled" if isinstance(error, asyncio.CancelledError) else "crashed"
        )
        sentence = str(error) if isinstance(error, HubError) else ""
        self._put_back()
        self._keep_transcript("lost" if isinstance(error, StepLost) else "failed", reason, sentence)

    async def finished(self, result: RunResult) -> RunResult:
        """Keeps the diff and the transcript. A failed edit is put back; tests that fail leave the change to be read."""
        if result.outcome != "completed" and result.reason != "tests_failed":
            if left := await asyncio.to_thread(self._put_back):
                sentence = f"{result.sentence} These files could not be put back: {', '.join(left)}."
                result = result.model_copy(update={"sentence": sentence})
        elif result.files_touched:
            diff, cut = await self.change.diff()
            self.job.keep("change.diff", "code_diff", diff, "text/x-diff")
            if cut:
                self.talk("notice", "The diff is cut at its limit; git has all of it.")
            if result.outcome == "completed" and self.checkout is not None:
                result = await self._committed(result, self.checkout)
        self._keep_transcript(result.outcome, result.reason, result.sentence)
        return result

    async def _committed(self, result: RunResult, checkout: Checkout) -> RunResult:
        """What can't be committed stays in the files, and the sentence says why."""
        message = self.settings.commit_message or "Work of Aider"
        trailers = {"Run": self.job.spec.run_id}
        try:
            commit = await commit_chosen(checkout, result.files_touched, message, trailers)
        except HubError as error:
            return result.model_copy(update={"sentence": f"{result.sentence} {error}"})
        return result.model_copy(update={"answer": result.answer | {"commit": commit}})

    def _git(self) -> Git:
        settings = self.job.settings
        identity = Identity(settings.git_user_name, settings.git_user_email)
        return Git(identity, owned=settings.wfhub_home)

    async def _ask(self, ask: Ask) -> dict[str, Any]:
        await next_step()
        self.talk.asked(ask.message, ask.files, ask.read_files)
        answer = await self.edit(self.job, ask, self.change)
        self.answers.append(answer)
        used = self.usage
        self.usage = Usage(
            tokens_in=used.tokens_in + answer.get("tokens_in", 0),
            tokens_out=used.tokens_out + answer.get("tokens_out", 0),
            model_calls=used.model_calls + answer.get("model_calls", 0),
        )
        if answer["outcome"] == "lost":
            raise StepLost(answer["reason"], answer["sentence"])
        return answer

    def _questions(self, answer: dict[str, Any]) -> tuple[AskedQuestion, ...]:
        """Where it asks a person instead of doing the work. What is only like a question is told, and is none."""
        if not self.settings.may_ask or (answer["outcome"] != "completed" and answer["reason"] not in NO_EDIT):
            return ()
        asked, fault = questions_in(answer.get("said", ""))
        if fault:
            self.talk("notice", f"It began a question to a person that can't be asked: {fault}.")
        for question in asked:
            self.talk("asked", question.text, person=True, options=question.options)
        return asked

    def _unchanged(self, answer: dict[str, Any]) -> RunResult:
        if not self.settings.must_change:
            return self._result("completed", "", answer["sentence"])
        said = " ".join(answer.get("said", "").split())[:SHOWN]
        sentence = f"No file was changed. The model said: {said}" if said else "No file was changed."
        return self._result("failed", "no_change", f"{sentence} Say more exactly what is to change, or name the files.")

    def _tested_result(self) -> RunResult:
        last, edited = self.tested[-1], ", ".join(self.change.edited())
        if last.passed:
            after = f" after {len(self.tested)} rounds" if len(self.tested) > 1 else ""
            return self._result("completed", "", f"Edited {edited}. The project's tests pass{after}.")
        how = "were stopped" if last.exit_code is None else f"fail (exit code {last.exit_code})"
        sentence = f"Edited {edited}. The project's tests {how} after {len(self.answers)} edits."
        return self._result(*(("failed", "tests_failed") if self.settings.must_pass else ("completed", "")), sentence)

    def _result(self, outcome: Any, reason: str, sentence: str, questions: tuple[AskedQuestion, ...] = ()) -> RunResult:
        refused = sorted({path for answer in self.answers for path in answer.get("refused", ())})
        return RunResult(
            outcome=outcome,
            reason=reason,
            sentence=sentence,
            questions=questions,
            files_touched=self.change.edited() if outcome == "completed" or reason == "tests_failed" else (),
            usage=self.usage,
            cage=self.answers[-1]["cage"],
            answer={
                "said": "\n\n".join(answer["said"] for answer in self.answers if answer.get("said")),
                "refused": refused,
                "edits": len(self.answers),
                "tests": [tested.facts for tested in self.tested],
            },
        )

    def _put_back(self) -> tuple[str, ...]:
        left = self.change.put_back()
        if left:
            self.job.emit("notice", f"Could not be put back: {', '.join(left)}.")
        return left

    def _keep_transcript(self, outcome: str, reason: str, sentence: str) -> None:
        self.talk.ended(outcome, reason, sentence)
        self.job.keep("transcript.md", "log", self.talk.text().encode(), "text/markdown")

    def _room(self) -> int:
        """Characters of the tests' output that go back: about a quarter of what the model can read."""
        return max(self.model.context_tokens - self.model.max_output_tokens, 400)
