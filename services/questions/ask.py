"""Write down what a run asks, in the transaction in which it ends: so it is asked once, whoever is killed."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.contract.asking import QUESTION_CHARACTERS, AskedQuestion
from services.domain.states import QuestionState
from services.events import log
from services.store.models import Plan, Question, Run, Task


async def ask(
    session: AsyncSession, run: Run, questions: Sequence[AskedQuestion], *, task: Task | None = None,
    plan: Plan | None = None,
) -> list[Question]:  # fmt: skip
    """The questions of the run on its task, or on the plan that it made."""
    made: list[Question] = []
    for position, question in enumerate(questions, start=1):
        row = Question(
            project_id=run.project_id,
            task_id=run.task_id,
            request_id=run.request_id,
            plan_id=plan.id if plan else None,
            run_id=run.id,
            position=position,
            role=run.role,
            stage=run.stage,
            text=question.text,
            options=list(question.options),
            state=QuestionState.ASKED,
        )
        session.add(row)
        await session.flush()
        about = {"plan_id": plan.id} if plan else {}
        await log.of_run(
            session, "question.asked", run, task, question_id=row.id, text=row.text, options=row.options, **about
        )
        made.append(row)
    return made


async def ask_on_plan(session: AsyncSession, run: Run, plan: Plan, texts: Sequence[str]) -> list[Question]:
    """The PM's own, which its plan holds as plain sentences."""
    told = (text.strip()[:QUESTION_CHARACTERS] for text in texts)
    return await ask(session, run, [AskedQuestion(text=text) for text in told if text], plan=plan)
