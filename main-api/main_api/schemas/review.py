"""Feedback to agents, and reviews of a change with comments on its lines, on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from main_api.schemas.shape import Id, In, Out, Patch, Version
from main_api.schemas.task import CommentOut, Files, Kind, Markdown, Priority, TaskOut, Title

Severity = Annotated[
    Literal["critical", "high", "medium", "low"], Field(description="How urgent it makes the task", examples=["medium"])
]
Side = Annotated[
    Literal["new", "old"], Field(description="`new`: the text as the change leaves it; `old`: as it was before")
]
Line = Annotated[int, Field(ge=1, le=10_000_000, examples=[12])]
PatchId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="Of the change that was looked at: GET /tasks/{id}/diff has it",
        examples=["3f1c9a0b7d2e"],
    ),
]
Verdict = Annotated[Literal["approve", "request_changes", "reject"], Field(examples=["request_changes"])]
Note = Annotated[str, Field(max_length=50_000, description="Your words, in Markdown", examples=["Round half up."])]


class AgentFeedbackIn(In):
    text: str = Field(description="What the agents shall know now", examples=["Use Decimal, not float."])


class AgentFeedbackOut(Out):
    """`will`: `next_step` (the agent at work hears it before its next step), `after_edit` (when the edit that it makes
    now is done, in the same run) or `next_turn` (the next agent that is asked is told it first). `comment` shows later
    whether and by which run it was heard."""

    comment: CommentOut
    will: Literal["next_step", "after_edit", "next_turn"]
    sentence: str = Field(examples=["DEV is at work and hears it before its next step."])


class ListenerOut(Out):
    """`limit` is how many characters one feedback may have; `waiting` is said and not heard yet."""

    will: Literal["next_step", "after_edit", "next_turn"]
    sentence: str
    limit: int
    waiting: list[CommentOut]


class ReviewCommentIn(In):
    path: str = Field(min_length=1, max_length=1_000, examples=["hello.py"])
    side: Side = "new"
    line: Line
    end_line: Line | None = Field(None, description="The last line, where there are several")
    text: str = Field(min_length=1, max_length=50_000, examples=["Say hello to everybody."])
    severity: Severity = "medium"

    @model_validator(mode="after")
    def _in_order(self) -> "ReviewCommentIn":
        if self.end_line is not None and self.end_line < self.line:
            raise ValueError("end_line is not before line")
        return self


class ReviewDraftIn(ReviewCommentIn):
    patch_id: PatchId


class ReviewCommentPatch(Patch):
    text: str = Field("", min_length=1, max_length=50_000)
    severity: Severity = "medium"


class CommentFindingOut(Out):
    """`fixed`: the lines were changed by a later round; `note` says it, or that they were left as they are."""

    id: int
    state: Literal["open", "fixed", "waived", "duplicate", "void"]
    note: str


class ReviewCommentOut(Out):
    """`quote` is the lines as they were when it was written. `outdated`: the change is another by now; `line_now` is
    then where they stand, null where they are not as they were. With a `finding` DEV has to mend it; sent without, it
    is a remark."""

    id: int
    task_id: int
    patch_id: str
    head_sha: str
    path: str
    side: Side
    line: int
    end_line: int | None
    text: str
    severity: Severity
    quote: str
    state: Literal["draft", "sent"]
    outdated: bool
    line_now: int | None
    finding: CommentFindingOut | None
    author: str
    version: int
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None


class ReviewOut(Out):
    """The change as it stands, what a person may say of it now, and the comments: drafts and those that were sent."""

    approval_id: int | None
    patch_id: str | None
    base_sha: str | None
    head_sha: str | None
    may: list[Verdict]
    comments: list[ReviewCommentOut]


class ReviewIn(In):
    verdict: Verdict
    note: Note = ""
    patch_id: PatchId | None = Field(description="Null for a task without a change, such as a report")


class ReviewSentOut(Out):
    """`findings` of the `sent` comments are DEV's to mend."""

    task: TaskOut
    approval_id: int | None
    sent: int
    findings: int
    sentence: str


class EditForeseenIn(In):
    """An edit of the task, and of its criteria, that nobody has made yet."""

    title: Title | None = None
    description: Markdown | None = None
    priority: Priority | None = None
    kind: Kind | None = None
    files: Files | None = None
    criteria: Literal["added", "changed", "removed", "order"] | None = Field(
        None, description="What shall be done to its criteria", examples=["changed"]
    )
    blocked_by: list[Id] | None = Field(None, max_length=100, description="What it shall wait for")


class EditForeseenOut(Out):
    """`needs_word`: it touches what is under way or proven, so a person should read the sentences first."""

    needs_word: bool
    sentences: list[str]
    version: Version
