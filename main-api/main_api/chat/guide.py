"""Answers questions in the background: a model that was given the record, else the record's own facts."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from main_api.chat.asking import Prepared, prepare
from main_api.gateway.inside import said
from services.chat import answer as answers
from services.chat.answer import CUT_OFF, Ended
from services.domain.errors import HubError
from services.domain.states import MessageState
from services.guide import account, plain
from services.guide.facts import Fact
from services.models.direct import direct_id
from services.models.run_tokens import RunToken
from services.prompts.guide_prompt import guide_sections
from services.prompts.sections import Prompt, compose
from services.store.models import ChatMessage

if TYPE_CHECKING:
    from main_api.hub import HubParts

log = structlog.get_logger(__name__)
STEP = "ask"
TRIES = 2  # of a model whose answer has not the shape that was asked for
BEAT_SECONDS = 3.0
LOST = timedelta(seconds=20)
MARGIN_TOKENS = 300  # what the protocol takes around the prompt
NO_MODEL = "No model answered, so these are facts of the record as they stand."


@dataclass
class UnderWay:
    """An answer that this main-api makes: what came so far, for who watches it."""

    attempt: int
    text: str = ""
    calls: list[str] = field(default_factory=list[str])
    carrying: asyncio.Task[None] | None = None
    stopped: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def show(self, text: str) -> None:
        self.text = text
        self._changed.set()

    async def changed(self, seconds: float) -> None:
        """Returns when there is more, or after this time."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)
        self._changed.clear()


class Guide:
    """`under_way` holds the answers that this process makes, by the message's id."""

    def __init__(self) -> None:
        self.under_way: dict[int, UnderWay] = {}
        self._sweeping: asyncio.Task[None] | None = None

    async def start(self, hub: "HubParts") -> None:
        """Call it when all that it works with is open."""
        self._hub, self._places = hub, asyncio.Semaphore(hub.settings.guide_concurrency)
        self._sweeping = asyncio.create_task(self._sweep(), name="guide-sweeps")

    async def stop(self) -> None:
        """What is under way is told to be cut off: nobody would ever end it."""
        tasks = [one.carrying for one in self.under_way.values() if one.carrying is not None]
        if self._sweeping is not None:
            tasks.append(self._sweeping)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def begin(self, message: ChatMessage) -> None:
        """Answers it, from now on in the background. Its row must be committed."""
        mine = self.under_way[message.id] = UnderWay(message.attempt)
        mine.carrying = asyncio.create_task(self._carry(message.id, mine), name=f"guide-{message.id}")

    async def halt(self, message_id: int, actor: str) -> ChatMessage:
        """The person's word to stop: the model is cut off, what it said stays. Raises NotAnswering, NotFound."""
        mine = self.under_way.get(message_id)
        async with self._hub.db.write() as session:
            if mine is not None:
                await answers.beat(session, message_id, mine.attempt, mine.text)
            row = await answers.stop(session, message_id, actor)
        if mine is not None and mine.carrying is not None:
            mine.stopped = True
            mine.carrying.cancel()
        return row

    async def _carry(self, message_id: int, mine: UnderWay) -> None:
        beating = asyncio.create_task(self._beat(message_id, mine), name=f"guide-beats-{message_id}")
        ended: Ended | None = None
        try:
            async with self._places:
                ended = await self._made(message_id, mine)
        except asyncio.CancelledError:
            if not mine.stopped:
                ended = Ended(MessageState.FAILED, mine.text, "model" if mine.text else "record", CUT_OFF)
        except Exception as error:
            log.error("guide.broke", message=message_id, exc_info=error)
            ended = Ended(MessageState.FAILED, mine.text, "record", "The hub failed on this question; its log has it.")
        finally:
            beating.cancel()
        try:
            async with self._hub.db.write() as session:
                if ended is not None:
                    await answers.end(session, message_id, mine.attempt, ended)
                await answers.add_costs(session, message_id, mine.calls)
        except SQLAlchemyError as error:
            log.warning("guide.not_kept", message=message_id, error=str(error)[:300])  # the sweep ends it
        finally:
            if self.under_way.get(message_id) is mine:
                del self.under_way[message_id]
            mine.show(mine.text)

    async def _made(self, message_id: int, mine: UnderWay) -> Ended:
        hub = self._hub
        async with hub.db.read() as session:
            row = await session.get_one(ChatMessage, message_id)
            prepared = await prepare(session, hub.settings, row)
        failed: list[str] = []
        try:
            async with asyncio.timeout(hub.settings.guide_seconds):
                for model in prepared.models:
                    if (ended := await self._by(model, prepared, message_id, mine, failed)) is not None:
                        return ended
        except TimeoutError:
            failed.append(f"There was no answer within {hub.settings.guide_seconds:.0f} seconds.")
        told = plain.told(prepared.asking.facts)
        why = " ".join(dict.fromkeys(failed))
        return Ended(MessageState.DONE, told.text, "record", f"{NO_MODEL} {why}", _cites(told.cites))

    async def _by(
        self, model: str, prepared: Prepared, message_id: int, mine: UnderWay, failed: list[str]
    ) -> Ended | None:
        """What this model says; None, and why in `failed`, where it gives no answer."""
        hub, project = self._hub, prepared.asking.project
        try:
            profile, count = await hub.gateway.known.profile(model), await hub.gateway.known.counter(model)
            most = min(hub.settings.guide_answer_tokens, profile.max_output_tokens)
            room = profile.context_tokens - most - MARGIN_TOKENS
            prompt = compose(guide_sections(prepared.asking), room, count, hub.settings.prompts)
            for number in range(TRIES):
                call = direct_id(f"ask-{message_id}-{mine.attempt}-{len(mine.calls)}", project.id)
                mine.calls.append(call)
                async with hub.db.write() as session:
                    await answers.note_call(session, message_id, mine.attempt, call, model)
                body = _body(model, prompt.text, most, schema=profile.json_schema is not False)
                heard = await self._listen(RunToken(call, STEP, number + 1), body, mine)
                if (found := account.read_account(heard)) is not None:
                    return _ended(found, _told_in(prompt, prepared.asking.facts), model)
                mine.show("")
                failed.append(f"{model} answered in no shape that could be checked.")
        except HubError as error:
            failed.append(f"{model}: {error.sentence}")
        return None

    async def _listen(self, token: RunToken, body: dict[str, Any], mine: UnderWay) -> str:
        heard = ""
        async with aclosing(said(self._hub.gateway, token, body)) as coming:
            async for word in coming:
                heard += word
                mine.show(account.so_far(heard))
        return heard

    async def _beat(self, message_id: int, mine: UnderWay) -> None:
        """Says that it is being made, and hears when it was stopped through another main-api."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                async with self._hub.db.write() as session:
                    still = await answers.beat(session, message_id, mine.attempt, mine.text)
            except SQLAlchemyError as error:
                log.warning("guide.beat", message=message_id, error=str(error)[:300])
                continue
            if not still and mine.carrying is not None:
                mine.stopped = True
                mine.carrying.cancel()
                return

    async def give_up_lost(self, after: timedelta) -> None:
        """Those that nobody was heard to make for so long."""
        async with self._hub.db.read() as session:
            if not await answers.lost(session, after):
                return
        async with self._hub.db.write() as session:
            for one in await answers.lost(session, after):
                log.warning("guide.lost", message=one.id)
                told_by = "model" if one.text else "record"
                await answers.end(session, one.id, one.attempt, Ended(MessageState.FAILED, one.text, told_by, CUT_OFF))
                await answers.add_costs(session, one.id, [one.call_id] if one.call_id else [])

    async def _sweep(self) -> None:
        """Ends what a killed main-api left."""
        while True:
            try:
                await self.give_up_lost(LOST)
            except SQLAlchemyError as error:
                log.warning("guide.sweep", error=str(error)[:300])
            await asyncio.sleep(LOST.total_seconds() / 2)


def _body(model: str, prompt: str, most: int, *, schema: bool) -> dict[str, Any]:
    body: dict[str, Any] = {"model": model, "temperature": 0, "max_tokens": most}
    body["messages"] = [{"role": "user", "content": prompt}]
    if schema:
        wanted = {"name": account.NAME, "schema": account.schema(), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": wanted}
    return body


def _told_in(prompt: Prompt, facts: Sequence[Fact]) -> list[Fact]:
    """A model can rest only on what it was told: a fact that had no room in the prompt is none for it."""
    return [fact for fact in facts if f"[{fact.ref}] " in prompt.text]


def _ended(found: account.Account, facts: Sequence[Fact], model: str) -> Ended:
    checked = account.check(found, facts)
    return Ended(MessageState.DONE, checked.text, "model", checked.sentence, _cites(checked.cites), model)


def _cites(facts: Sequence[Fact]) -> list[dict[str, Any]]:
    return [fact.cite for fact in facts]
