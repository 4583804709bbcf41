"""/api/vision: pictures in words."""

import base64
import binascii
from pathlib import Path
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent_api.deps import Settings, workspace_folder
from agent_api.direct import Direct, DirectCalls
from agent_api.errors import ImageRefused
from agent_api.listening import while_listening
from agent_api.model_call import too_slow
from agent_api.settings import AgentSettings
from agent_api.vision.describe import QUESTION, Description, Eyes
from agent_api.vision.enrich import Enriched, enrich
from services.contract.run_spec import ModelAccess

router = APIRouter(prefix="/api/vision", tags=["vision"])
SHRINKING_SECONDS = 30


def _eyes(request: Request) -> Eyes:
    return request.app.state.eyes


Seeing = Annotated[Eyes, Depends(_eyes)]
Model = Annotated[
    str | None, Field(max_length=200, description="One of /api/config's vision_models", examples=["ollama/llava:7b"])
]


class DescribeBody(BaseModel):
    """Either `path` in a `workspace` (absolute, or under WORKSPACES_DIR), or the picture itself as base64."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = Field(default=None, min_length=1, max_length=4096, examples=["poc"])
    path: str | None = Field(default=None, min_length=1, max_length=4096, examples=["screens/board.png"])
    image: str | None = Field(default=None, min_length=1, description="Base64")
    question: str = Field(default=QUESTION, min_length=1, max_length=4000)
    model: Model = None

    @model_validator(mode="after")
    def _one_picture(self) -> Self:
        if (self.image is None) == (self.path is None) or (self.path is not None and self.workspace is None):
            raise ValueError("Name a picture by workspace and path, or send it as image.")
        return self


class DescribeAnswer(Description):
    success: Literal[True] = True


class EnrichBody(BaseModel):
    """`text` may name pictures of the workspace in Markdown, HTML, backticks, or as bare paths."""

    model_config = ConfigDict(extra="forbid")

    workspace: str = Field(min_length=1, max_length=4096, examples=["poc"])
    text: str = Field(max_length=200_000, examples=["The button is cut off: ![](screens/board.png)"])
    include_images: bool = True
    model: Model = None


class EnrichAnswer(Enriched):
    success: Literal[True] = True


@router.post("/describe", summary="Have a vision model describe a picture")
async def describe(
    body: DescribeBody, request: Request, settings: Settings, direct: Direct, eyes: Seeing
) -> DescribeAnswer:
    """The same picture, model and question are answered from what was said before."""
    model = eyes.model(body.model)
    folder = workspace_folder(settings, body.workspace) if body.workspace else None
    if body.path is not None and folder is not None:
        content = eyes.read(folder, body.path)
    else:
        content = _decoded(body.image or "", settings)
    way = Way(direct, settings, folder, model)
    work = eyes.describe(content, body.path or "The picture", model, way, body.question)
    seconds = settings.vision_timeout + SHRINKING_SECONDS
    try:
        seen = await while_listening(request, work, seconds)
    except TimeoutError as error:
        raise too_slow(model, seconds) from error
    return DescribeAnswer(**seen.model_dump())


@router.post("/enrich", summary="Add to a text what the pictures that it names show")
async def enrich_text(
    body: EnrichBody, request: Request, settings: Settings, direct: Direct, eyes: Seeing
) -> EnrichAnswer:
    """A picture that cannot be looked at is named with the reason; the others are described all the same."""
    folder = workspace_folder(settings, body.workspace)
    if not body.include_images:
        return EnrichAnswer(text=body.text, images=())
    done = await enriched(request, settings, direct, eyes, folder, body.text, body.model)
    return EnrichAnswer(**done.model_dump())


async def enriched(
    request: Request, settings: AgentSettings, direct: DirectCalls, eyes: Eyes, folder: Path, text: str,
    asked: str | None = None,
) -> Enriched:  # fmt: skip
    """The text with its pictures in words, for as long as the caller listens."""
    model = eyes.model(asked)
    way = Way(direct, settings, folder, model)

    async def one(path: str) -> Description:
        return await eyes.describe(eyes.read(folder, path), path, model, way)

    most = settings.vision_max_images
    seconds = most * (settings.vision_timeout + SHRINKING_SECONDS)
    try:
        return await while_listening(request, enrich(text, one, most), seconds)
    except TimeoutError as error:
        raise too_slow(model, seconds) from error


class Way:
    """The way to the model, opened once when it is first needed: what is cached asks nobody."""

    def __init__(self, direct: DirectCalls, settings: AgentSettings, folder: Path | None, model: str) -> None:
        self._direct, self._settings, self._folder, self._model = direct, settings, folder, model
        self._access: ModelAccess | None = None

    async def __call__(self) -> ModelAccess:
        if self._access is None:
            seconds = self._settings.vision_max_images * (self._settings.vision_timeout + SHRINKING_SECONDS)
            call = await self._direct.open("vision", workspace=self._folder, model=self._model, seconds=seconds)
            self._access = call.model
        return self._access


def _decoded(image: str, settings: AgentSettings) -> bytes:
    most = settings.vision_max_bytes
    if len(image) * 3 // 4 > most + 3:
        raise ImageRefused(f"The picture is above {most} bytes.", "Make it smaller, or raise VISION_MAX_BYTES.")
    try:
        return base64.b64decode(image.partition(",")[2] if image.startswith("data:") else image, validate=True)
    except binascii.Error as error:
        raise ImageRefused("The picture is no base64.", "Send the file's bytes as base64.") from error
