"""The inbox on the wire, and a person's word on what is in it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from main_api.schemas.budget import UsedUp
from main_api.schemas.question import QuestionOut
from main_api.schemas.shape import In, Out, Version

Key = Annotated[str, Field(min_length=1, max_length=200, examples=["approval:12"])]
Word = Literal[
    "approve", "reject", "request_changes", "answer", "run", "cancel", "retry", "close", "push", "raise", "again",
    "send_back", "accept",
]  # fmt: skip


class BehindTask(Out):
    """A task that can't begin before the item is decided; `direct`: it waits for the item's own task."""

    id: int
    key: str = Field(examples=["POC-12"])
    title: str
    direct: bool


class BehindOut(Out):
    """What waits behind an item: `all` counts its dependents and theirs, and the tasks that a plan would make. `tasks`
    names the first thirty."""

    direct: int
    all: int
    tasks: list[BehindTask]


class InboxItem(Out):
    """One thing that waits for a person; `sentence` says what, `link` is where to look and act.

    `key` names it for POST /inbox/decisions: it stays as long as the item waits for the same, and is another when it
    waits anew. `may` are the decisions that it takes, `patch_id` the change and `version` the words that they would be
    about. `held_up_seconds`, its age times the tasks that wait (its own and those behind it), is its rank. A budget
    stands for all that it stops; today's is of no project. Of the kind `question`, `question` is what is asked.
    """

    key: Key
    kind: str = Field(
        examples=["approval"], description="approval, question, plan, task, request, budget, push or deploy"
    )
    id: int
    project_id: int | None
    task_id: int | None
    title: str
    reason: str
    sentence: str
    since: datetime
    link: str
    stage: str
    patch_id: str | None
    version: int | None
    may: list[str] = Field(examples=[["approve", "request_changes", "reject"]])
    behind: BehindOut
    held_up_seconds: float
    budget: UsedUp | None = None
    question: QuestionOut | None = None


class InboxOut(Out):
    """`count` is of all that waits, `items` the first of them by rank."""

    count: int
    items: list[InboxItem]


class DecisionIn(In):
    """A word on one item. `patch_id` and `version`, as the item had them, are what it is about: where that is another
    by now, nothing is decided. `note` goes with approve, reject, request_changes (needed there) and cancel."""

    item: Key
    decision: Word
    note: str = Field("", max_length=20_000, examples=["As agreed by phone."])
    answer: str = Field("", max_length=4_000, description="To a question", examples=["Euro."])
    limit_usd: float | None = Field(None, ge=0, le=1e12, description="What a budget is raised to; else what is enough")
    patch_id: str | None = Field(None, max_length=64, examples=["9f2c4e1d0b7a4a7f8e6d5c4b3a29181706f5e4d3"])
    version: Version | None = None


class DecisionsIn(In):
    decisions: list[DecisionIn] = Field(min_length=1, max_length=200)


class DecidedOut(Out):
    """What became of one decision, in the place it was sent. `problem` is what the single route would have answered."""

    item: str
    decision: str
    done: bool
    state: str = Field(description="How what it was about stands now, where it was done", examples=["approved"])
    problem: dict[str, Any] | None = Field(
        None, description="Where it was not done: problem+json, such as code already_decided with by and at"
    )


class DecisionsOut(Out):
    """Each decision has its result: none is skipped in silence."""

    done: int
    refused: int
    results: list[DecidedOut]
