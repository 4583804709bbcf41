"""DirectCall: an agent's tool that a person calls without a task, and how it reaches its model."""

from typing import Any

from pydantic import Field

from services.contract.run_spec import ModelAccess, Wire

NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"


class DirectCallIn(Wire):
    """What agent-api asks of main-api in the caller's name (`POST /direct-calls`).

    `name` is the same for the same piece of work: asked again, it gets the same `id`, so what was already paid for is
    answered from the store. `workspace` is absolute; the project that stands on it gives its models, budget and
    settings. `model` is `provider/name`, by default what `role` would use there. `seconds` is how long models may be
    asked.
    """

    name: str = Field(pattern=NAME, examples=["add-license-1"])
    workspace: str | None = Field(default=None, max_length=4096, pattern=r"^/[^\x00]*$", examples=["/home/ann/poc"])
    model: str | None = Field(default=None, pattern=r"^[^\x00]{1,200}$", examples=["ollama/qwen2.5-coder:1.5b"])
    role: str = Field(default="dev", pattern=r"^[^\x00]{1,40}$", examples=["dev"])
    seconds: float = Field(default=1800, gt=0, le=86_400)


class DirectCall(Wire):
    """The call's `id`, under which the book has what it cost, and its way to the model.

    `model.gateway_url` is empty: an agent knows its own way there. `settings` are the project's; empty without one.
    """

    id: str
    model: ModelAccess
    project_id: int | None = None
    project_key: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)


class DirectUsage(Wire):
    """What its model calls came to, as the gateway measured them. `cost` is in US dollars."""

    id: str
    tokens_in: int
    tokens_out: int
    cost: float
    calls: int
