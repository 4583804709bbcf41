"""What agents ask people, on the wire."""

from datetime import datetime

from pydantic import Field

from main_api.schemas.shape import In, Out


class QuestionOut(Out):
    """`state` is asked, answered or void; `note` says why one is void. On a task, or (`plan_id`) on the PM's plan."""

    id: int
    project_id: int
    task_id: int | None
    request_id: int | None
    plan_id: int | None
    run_id: str | None
    role: str | None = Field(examples=["dev"])
    stage: str
    text: str = Field(examples=["Which currency shall the total be in?"])
    options: list[str] = Field(description="Answers that the agent offers; you may say something else")
    state: str = Field(examples=["asked"])
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    note: str
    created_at: datetime


class AnswerIn(In):
    answer: str = Field(description="In your words; one of the options is sent as its text", examples=["Euro."])
