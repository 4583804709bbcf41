"""Chats on the wire."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from main_api.schemas.shape import Id, In, Out, Version

Text = Field(min_length=1, max_length=40_000, examples=["Why did QA fail on TILL-3?"])


class SayIn(In):
    """A question, or a command where it begins with a slash (GET /chat/commands). Without `task_id` it is said in the
    project's own thread. A request is made with POST /requests and stands in the project's thread by itself."""

    project_id: Id
    task_id: Id | None = None
    text: str = Text


class QuestionPatch(In):
    version: Version
    text: str = Text


class CiteOut(Out):
    """A fact of the record as it was when it was told: `ref` is its name in the text, `place` where the page shows it
    (task, tab, run, file, line, proof, plan, view, item)."""

    ref: str = Field(examples=["F2"])
    kind: str = Field(examples=["gate"])
    label: str = Field(examples=["gate of QA, round 1"])
    text: str
    place: dict[str, Any]


class MessageOut(Out):
    """`kind` is request, question or command, and answer to one of the latter two (`reply_to_id`).

    An answer's `state` is thinking, done, stopped, failed, or asks: a command that waits for your yes. `told_by` is
    model, record (the facts themselves) or command; `sentence` says why it is not what was wanted. `cost` is in US
    dollars, of all attempts.
    """

    id: int
    project_id: int
    task_id: int | None
    author: str
    kind: Literal["request", "question", "command", "answer"]
    text: str
    state: Literal["thinking", "asks", "done", "stopped", "failed"]
    reply_to_id: int | None
    request_id: int | None
    told_by: Literal["model", "record", "command"] | None
    sentence: str
    cites: list[CiteOut]
    model: str | None
    tokens_in: int
    tokens_out: int
    cost: float
    attempt: int
    version: int
    created_at: datetime
    updated_at: datetime
    edited_at: datetime | None


class SaidOut(Out):
    """What was said, and its answer: of a question it is `thinking`."""

    said: MessageOut
    answer: MessageOut


class ThreadOut(Out):
    """A thread with messages: of a task (`key`, `title`) or of a project. `last` is the newest message's number."""

    project_id: int
    task_id: int | None
    key: str | None
    title: str
    messages: int
    last: int
    last_at: datetime
    last_text: str = Field(description="The beginning of the newest message")
    thinking: int = Field(description="Answers that are being made")
    asks: int = Field(description="Commands that wait for your yes")


class CommandOut(Out):
    """`asks_first`: it says what it would do, and does it with POST /chat/messages/{id}/confirm."""

    name: str = Field(examples=["run"])
    usage: str = Field(examples=["/run KEY [STAGE]"])
    does: str
    asks_first: bool
