"""One call's dealings with the book: at most three short transactions, none while the provider is answering."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import aiohttp
import structlog

from main_api.gateway.gateway import Gateway
from main_api.gateway.question import Question
from main_api.gateway.refusals import status_of
from main_api.gateway.told import Used
from services.domain.errors import HubError
from services.models import ledger
from services.models.budgets import Reserve
from services.models.errors import BudgetExceeded, RunNotActive
from services.models.ledger import Answer, Asked, Opened, Spent, told
from services.models.prices import FREE, Price, price_of, takes_long
from services.models.providers import Provider
from services.models.traffic import Exchange
from services.redaction import KNOWN
from services.store.trips import Steps

log = structlog.get_logger(__name__)
UNCOUNTED = 8  # parts of a stream that hold no token: its role, its end, its usage


@dataclass
class Accounts:
    """`wanted` is the worst case, known once the call is open; times are seconds of the monotonic clock."""

    gateway: Gateway
    asked: Asked
    price: Price | None
    request: bytes = field(default=b"", repr=False)  # as it came
    wanted: Reserve = field(default_factory=lambda: Reserve(0, 0, FREE))
    started: float = field(default_factory=time.monotonic)
    first: float | None = None

    @classmethod
    async def of(cls, gateway: Gateway, question: Question, provider: Provider, model: str) -> "Accounts":
        price = (
            await asyncio.to_thread(price_of, provider, model) if takes_long(provider) else price_of(provider, model)
        )
        return cls(gateway, question.asked(provider), price, question.raw)

    async def open(self, sizes: Callable[[], tuple[int, int]]) -> Opened:
        """Raises what the book or the model's context refuses; the refusal is on record then."""
        try:
            prompt, answer = sizes()
            self.wanted = Reserve(prompt, answer, self.price)
            opened = await self._opened()
            if opened.stored is None:
                return opened
            stored = self._readable(opened.stored)
            self._log("replayed", opened, response=stored.body)
            return replace(opened, stored=stored)
        except HubError as error:
            call: int | None = None
            if not isinstance(error, RunNotActive):  # a run that is over asks nothing that its owner wants to read
                status, said = status_of(error), str(error)
                wanted = error.data.get("worst_case_usd", 0.0)
                call = await self.gateway.book.write(lambda: ledger.record_refusal(self.asked, status, said, wanted))
            self._log("refused", error=str(error), status=status_of(error), call=call)
            raise

    async def _opened(self) -> Opened:
        book, budgets = self.gateway.book, self.gateway.budgets
        opening = book.write(lambda: ledger.open_call(book.tally, self.asked, self.wanted, budgets))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(self._never_asked)
            raise

    def _never_asked(self, opening: "asyncio.Future[Opened]") -> None:
        """The client went away while its call was opened: nothing was sent, and what is held for it is free again."""
        if opening.cancelled() or opening.exception() or opening.result().stored:
            return
        opened, sentence = opening.result(), "The client went away before the provider was asked."
        book = self.gateway.book
        book.write_later(lambda: ledger.settle_unanswered(book.tally, opened, "abandoned", None, Spent(), sentence))

    def _readable(self, stored: Answer) -> Answer:
        return replace(stored, body=self.gateway.ring.unseal(stored.body))

    def check_length(self, parts: int) -> None:
        """`parts` is a lower bound of the tokens that have come. Raises BudgetExceeded for more than are paid for."""
        if not self.wanted.free and parts > self.wanted.tokens_out + UNCOUNTED:
            raise BudgetExceeded(
                f"{self.asked.model} went on after the {self.wanted.tokens_out} tokens that it was allowed.",
                "It was cut off there, as no money is held for more. Ask for a longer answer, or choose another model.",
            )

    def first_byte(self) -> None:
        self.first = self.first or time.monotonic()

    async def store(self, opened: Opened, answer: Answer, used: Used | None) -> None:
        """What holds a secret is stored encrypted: it has to come again as it was. In a stream none can be seen."""
        spent, plain = self._spent(used), answer.body
        if self.asked.streamed or KNOWN.data(answer.body) is not answer.body:
            answer = replace(answer, body=self.gateway.ring.seal(answer.body))
        keep = len(answer.body) <= self.gateway.answer_max_bytes
        if not keep:
            told = {"run_id": self.asked.token.run_id, "step": self.asked.token.step, "model": self.asked.model}
            log.warning("gateway.answer_too_large_to_keep", bytes=len(answer.body), **told)
        book, tries = self.gateway.book, 0

        def settle() -> Steps[None]:
            nonlocal tries
            tries += 1  # a second time: the first one may have been committed all the same
            new = tries == 1 or not (yield from ledger.is_stored(self.asked, opened))
            yield from ledger.settle_answered(book.tally, self.asked, opened, answer, spent, keep=keep and new)

        try:
            await book.insist(settle)  # it is paid for
        except Exception as error:
            said = str(error)
            await book.settle(lambda: ledger.settle_unanswered(book.tally, opened, "failed", None, spent, said))
            raise
        self._log("answered", opened, spent, plain, answer.status_code)

    def delivered(self, opened: Opened) -> None:
        """On record before any call that comes after it."""
        self.gateway.book.write_later(lambda: ledger.mark_delivered(opened))

    async def abandon(self, opened: Opened) -> None:
        """The client went away; what the provider did until then is paid for, so the worst case is."""
        spent, sentence = self._spent(None), "The client went away before the answer was complete."
        book = self.gateway.book
        await book.settle(lambda: ledger.settle_unanswered(book.tally, opened, "abandoned", None, spent, sentence))
        self._log("abandoned", opened, spent, error=sentence)

    async def fail(self, opened: Opened, error: Exception, reached: bool) -> None:
        """`reached`: the provider had begun to answer. What was never sent, or refused, costs nothing."""
        cause = error.__cause__
        unknown = reached or (cause is not None and not isinstance(cause, aiohttp.ClientConnectorError))
        spent = self._spent(None) if unknown else Spent(duration_ms=self._ms(time.monotonic()))
        status = status_of(error) if isinstance(error, HubError) else None
        said, book = str(error), self.gateway.book
        await book.settle(lambda: ledger.settle_unanswered(book.tally, opened, "failed", status, spent, said))
        self._log("failed", opened, spent, error=str(error), status=status)

    def _log(
        self,
        outcome: str,
        opened: Opened | None = None,
        spent: Spent | None = None,
        response: bytes = b"",
        status: int | None = None,
        error: str = "",
        call: int | None = None,
    ) -> None:
        """A line of the traffic log."""
        asked = self.asked
        facts = {
            "by": "run", "call": opened.call_id if opened else call,
            "run": asked.token.run_id, "step": asked.token.step,
            "provider": asked.provider, "protocol": asked.protocol, "path": asked.path, "model": asked.model,
            "streamed": asked.streamed, "outcome": outcome, "status": status, **(told(spent) if spent else {}),
            "error": error,
        }  # fmt: skip
        self.gateway.traffic.note(Exchange(facts, self.request, response))

    def _spent(self, used: Used | None) -> Spent:
        """The provider's numbers, else the reservation's."""
        first, whole = self._ms(self.first), self._ms(time.monotonic())
        if used is None:
            wanted = self.wanted
            return Spent(wanted.tokens_in, wanted.tokens_out, 0, wanted.cost, True, first, whole)
        cost = 0.0
        if self.price:
            cost = self.price.cost(used.tokens_in, used.tokens_out, used.cached, used.written, used.kept_long)
        return Spent(used.tokens_in, used.tokens_out, used.cached, cost, False, first, whole, self._speed(used))

    def _speed(self, used: Used) -> float | None:
        """Tokens a second, by the provider's clock, else from the first byte of a stream to its end."""
        seconds = used.writing_seconds
        if seconds is None and self.asked.streamed and self.first is not None:
            seconds = time.monotonic() - self.first
        return round(used.tokens_out / seconds, 2) if seconds and used.tokens_out else None

    def _ms(self, moment: float | None) -> float | None:
        return None if moment is None else round((moment - self.started) * 1000, 3)
