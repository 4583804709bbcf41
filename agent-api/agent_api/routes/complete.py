"""/api/complete: a short question to a model, without tools."""

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from agent_api.chosen import allowed_model
from agent_api.completion import Completion, check_schema, complete
from agent_api.deps import Settings, workspace_folder
from agent_api.direct import Direct
from agent_api.errors import ToolRefused
from agent_api.listening import while_listening
from agent_api.model_call import too_slow
from agent_api.routes.vision import Seeing, enriched

router = APIRouter(prefix="/api", tags=["agent"])


class CompleteBody(BaseModel):
    """`output_schema` is a JSON Schema: `answer` is then a value that fits it.

    With `include_images` the pictures of `workspace` that the prompt names are described to the model in words.
    """

    model_config = ConfigDict(extra="forbid")

    prompt: str = Field(min_length=1, max_length=200_000, examples=["A name for a branch that adds a dark theme?"])
    system: str = Field(default="", max_length=50_000)
    model: str | None = Field(default=None, min_length=1, max_length=200, examples=["ollama/qwen2.5-coder:1.5b"])
    output_schema: dict[str, Any] | None = None
    max_tokens: int | None = Field(default=None, ge=1, le=100_000)
    temperature: float = Field(default=0.0, ge=0, le=2)
    timeout: float = Field(default=120, gt=0, le=3600, description="Seconds")
    workspace: str | None = Field(default=None, min_length=1, max_length=4096, examples=["poc"])
    include_images: bool = False
    vision_model: str | None = Field(default=None, max_length=200)


class CompleteAnswer(Completion):
    success: Literal[True] = True


@router.post("/complete", summary="Ask a model one question, without tools")
async def ask_model(
    body: CompleteBody, request: Request, settings: Settings, direct: Direct, eyes: Seeing
) -> CompleteAnswer:
    """It is cut off when the caller goes away. Its cost counts against the budgets of the day and of the project."""
    if body.output_schema is not None:
        check_schema(body.output_schema)
    folder = workspace_folder(settings, body.workspace) if body.workspace else None
    model = allowed_model(settings, body.model)
    call = await direct.open("complete", workspace=folder, model=model, seconds=body.timeout + 60)
    prompt = body.prompt
    if body.include_images:
        if folder is None:
            raise ToolRefused("The pictures' workspace is not named.", "Send workspace with include_images.")
        prompt = (await enriched(request, settings, direct, eyes, folder, prompt, body.vision_model)).text
    messages = [{"role": "system", "content": body.system}] if body.system else []
    messages.append({"role": "user", "content": prompt})
    most = min(body.max_tokens or call.model.max_output_tokens, call.model.max_output_tokens)
    work = complete(
        call.model, messages, schema=body.output_schema, most_tokens=most, temperature=body.temperature,
        seconds=body.timeout,
    )  # fmt: skip
    try:
        done = await while_listening(request, work, body.timeout)
    except TimeoutError as error:
        raise too_slow(call.model.model, body.timeout) from error
    return CompleteAnswer(**done.model_dump())
