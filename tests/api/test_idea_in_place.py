"""A plan decided on where it was shown: `wf idea` on a terminal, with somebody who types."""

import asyncio
import contextlib
import io
import sys
from typing import Any
from unittest import mock

from services.cli.idea_decision import decide_in_place
from services.cli.idea_planning import Planned
from services.demo.hub_client import HubClient
from services.domain.states import QuestionState, RequestState
from services.store.models import Question, Request
from tests.api.conftest import TOKEN, Served
from tests.api.test_terminal import BODY
from tests.support.factories import make_plan, make_request

Json = dict[str, Any]


async def planned(served: Served, *questions: str) -> Planned:
    async with served.hub.db.write() as session:
        request = await make_request(session, state=RequestState.PLANNED)
        plan = await make_plan(session, request, body=BODY)
        for position, text in enumerate(questions):
            session.add(
                Question(project_id=plan.project_id, plan_id=plan.id, request_id=request.id, stage="plan", text=text,
                         position=position, options=[], state=QuestionState.ASKED)
            )  # fmt: skip
    return await asyncio.to_thread(_read, HubClient(served.http, TOKEN), request.id, plan.id)


def _read(client: HubClient, request: int, plan: int) -> Planned:
    questions = client.get("/questions", plan_id=plan, sort="id")
    return Planned(client.get(f"/requests/{request}"), client.get(f"/plans/{plan}"), questions)


async def typed(served: Served, what: Planned, *lines: str) -> tuple[Json, str]:
    """How the plan ends, and all that was shown."""

    def decide() -> tuple[Json, str]:
        shown = io.StringIO()
        with (
            mock.patch.object(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines))),
            contextlib.redirect_stdout(shown),
            contextlib.redirect_stderr(shown),
        ):
            return decide_in_place(HubClient(served.http, TOKEN), what), shown.getvalue()

    return await asyncio.to_thread(decide)


async def test_a_question_is_answered_and_the_plan_approved(served: Served) -> None:
    what = await planned(served, "In which currency?", "By when?")
    plan, shown = await typed(served, what, "Euro", "", "nonsense", "no way", "a")
    assert plan["state"] == "approved" and "In which currency?" in shown and "is approved" in shown
    asked = await asyncio.to_thread(HubClient(served.http, TOKEN).get, "/questions", sort="id")
    assert (asked[0]["state"], asked[0]["answer"]) == ("answered", "Euro")


async def test_it_is_left_or_rejected(served: Served) -> None:
    what = await planned(served)
    plan, shown = await typed(served, what, "")
    assert plan["state"] == "waiting" and f"wf plan approve {plan['id']}" in shown
    plan, _ = await typed(served, what, "r", "Too large")
    assert plan["state"] == "rejected"


async def test_other_words_lead_to_another_plan(served: Served) -> None:
    what = await planned(served)

    async def pm() -> None:
        """Plans again, once it is asked to."""
        while True:
            await asyncio.sleep(0.1)
            async with served.hub.db.write() as session:
                request = await session.get_one(Request, what.request["id"])
                if request.state == RequestState.NEW:
                    await make_plan(session, request, number=2, summary="Two tasks now.", body=BODY)
                    request.state = RequestState.PLANNED
                    return

    (plan, shown), _ = await asyncio.gather(typed(served, what, "c", "Make it smaller", "a"), pm())
    assert plan["state"] == "approved" and plan["id"] != (what.plan or {})["id"]
    assert "the PM plans it again" in shown and "Two tasks now." in shown
    before = await asyncio.to_thread(HubClient(served.http, TOKEN).get, f"/plans/{(what.plan or {})['id']}")
    assert (before["state"], before["feedback"]) == ("changes_asked", "Make it smaller")
