"""Has a model describe a picture; what it said of the same bytes, model and question before is not asked again."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from agent_api import atomic
from agent_api.confine import Workspace
from agent_api.errors import ImageRefused, StepFailed, VisionModelRefused
from agent_api.model_call import ask
from agent_api.settings import AgentSettings
from agent_api.vision.shrink import Picture, shrink
from services.contract.run_spec import ModelAccess
from services.redaction import KNOWN

log = structlog.get_logger(__name__)

QUESTION = (
    "Describe this picture for a developer who can't see it: what it shows, its layout, and every text in it, "
    "word for word. Say only what is there."
)
ANSWER_TOKENS = 600
OLLAMAS_OWN = ("ollama/", "scripted/")  # the others are asked in OpenAI's protocol, which every provider speaks

Way = Callable[[], Awaitable[ModelAccess]]  # opened only when a model has to be asked


class Description(BaseModel):
    """What a model said of a picture. Pixels; `cached`: it said so before, and was not asked again."""

    model_config = ConfigDict(frozen=True)

    description: str
    model: str
    sha256: str
    width: int
    height: int
    cached: bool = False


@dataclass
class Eyes:
    """Describes pictures for a whole process. The cache is a folder of small JSON files, the oldest of which go."""

    settings: AgentSettings
    _asking: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def model(self, asked: str | None) -> str:
        """The model for a request. Raises VisionModelRefused for one that is not in the owner's list."""
        allowed = self.settings.vision_allowed
        chosen = asked or next(iter(allowed), "")
        if chosen not in allowed:
            way_out = f"Choose one of the owner's list, VISION_MODELS: {', '.join(allowed) or 'it is empty'}."
            raise VisionModelRefused(f"{chosen or 'No model'} is not allowed to be shown pictures.", way_out)
        return chosen

    def read(self, workspace: Path, path: str) -> bytes:
        """A picture of a workspace. Raises ImageRefused, ToolRefused, OutsideWorkspace."""
        most = self.settings.vision_max_bytes
        with Workspace(workspace) as inside:
            content, size = inside.read_bytes(path, most)
        if size > most:
            way_out = "Make it smaller, or raise VISION_MAX_BYTES."
            raise ImageRefused(f"{path} has {size} bytes, and at most {most} are looked at.", way_out)
        return content

    async def describe(self, content: bytes, name: str, model: str, way: Way, question: str = QUESTION) -> Description:
        """Raises ImageRefused, StepFailed, StepLost, and what `way` raises. `name` is for sentences alone."""
        sha256 = hashlib.sha256(content).hexdigest()
        kept = self._file(sha256, model, question)
        async with self._asking.setdefault(kept.name, asyncio.Lock()):
            if (before := await asyncio.to_thread(_read, kept)) is not None:
                return before.model_copy(update={"cached": True})
            picture = await shrink(content, name, self.settings)
            said = await self._ask(picture, model, await way(), question)
            made = Description(description=said, model=model, sha256=sha256, width=picture.width, height=picture.height)
            await asyncio.to_thread(self._keep, kept, made)
            return made

    async def _ask(self, picture: Picture, model: str, access: ModelAccess, question: str) -> str:
        image = base64.b64encode(picture.jpeg).decode()
        told = await ask(access, *_question(model, question, image), seconds=self.settings.vision_timeout)
        said = _answer(told).strip()
        if not said:
            raise StepFailed("model_nonsense", f"{model} said nothing of the picture.", "Try another vision model.")
        return said

    def _file(self, sha256: str, model: str, question: str) -> Path:
        asked = hashlib.sha256(f"{model}\n{self.settings.vision_max_edge}\n{question}".encode()).hexdigest()
        return self.settings.wfhub_home / "vision" / f"{sha256}-{asked[:16]}.json"

    def _keep(self, file: Path, made: Description) -> None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        atomic.write(file, KNOWN(made.model_dump_json()).encode(), flush=False)
        kept = sorted(file.parent.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for old in kept[: max(0, len(kept) - self.settings.vision_cache_entries)]:
            old.unlink(missing_ok=True)


def _question(model: str, question: str, image: str) -> tuple[str, dict[str, Any]]:
    if model.startswith(OLLAMAS_OWN):
        message = {"role": "user", "content": question, "images": [image]}
        options = {"temperature": 0, "num_predict": ANSWER_TOKENS}
        return "ollama/api/chat", {"model": model, "messages": [message], "stream": False, "options": options}
    parts = [
        {"type": "text", "text": question},
        {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{image}"}},
    ]
    body = {"model": model, "messages": [{"role": "user", "content": parts}], "max_tokens": ANSWER_TOKENS}
    return "openai/v1/chat/completions", body


def _answer(told: Any) -> str:
    """The text in either protocol's answer; empty when there is none."""
    try:
        message = told["message"] if "message" in told else told["choices"][0]["message"]
        return str(message.get("content") or "")
    except (LookupError, TypeError, AttributeError):
        return ""


def _read(file: Path) -> Description | None:
    if not file.is_file():
        return None
    try:
        return Description.model_validate(json.loads(file.read_bytes()))
    except (ValueError, ValidationError) as error:
        log.warning("vision.cache_unreadable", file=str(file), error=str(error)[:200])
        return None
