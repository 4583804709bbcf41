"""What a person tells the agents of a task while they work."""

from fastapi import APIRouter

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.schemas.review import AgentFeedbackIn, AgentFeedbackOut, ListenerOut
from main_api.schemas.shape import Id
from main_api.schemas.task import CommentOut
from services.feedback.say import say, unheard, who_listens
from services.tasks.hold import get_task

router = APIRouter(prefix="/tasks/{task_id}", tags=["tasks"])


@router.get("/feedback", summary="Who would hear it if you said something now", responses=documented(404))
async def read_listener(hub: Hub, session: ReadSession, task_id: Id) -> ListenerOut:
    task = await get_task(session, task_id)
    listener = await who_listens(session, task)
    waiting = [CommentOut.model_validate(row) for row in await unheard(session, task.id)]
    limit = hub.settings.feedback_max_characters
    return ListenerOut(will=listener.will, sentence=listener.sentence, limit=limit, waiting=waiting)


@router.post("/feedback", status_code=201, summary="Tell the agents something now", responses=documented(404, 409, 413))
async def post_feedback(hub: Hub, session: WriteSession, task_id: Id, body: AgentFeedbackIn) -> AgentFeedbackOut:
    """An agent with tools hears it before its next step, Aider between two edits, and whoever is asked next otherwise;
    once, whatever is killed. It is kept with the task's comments, with the run that heard it and when."""
    row, listener = await say(session, task_id, body.text, actor=OWNER, most=hub.settings.feedback_max_characters)
    return AgentFeedbackOut(comment=CommentOut.model_validate(row), will=listener.will, sentence=listener.sentence)
