"""What fits into a model's context: counted as the model itself counts where its tokenizer is here, else estimated."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from services.contract.run_spec import ModelAccess
from services.files.regular import read_regular
from services.models.tokenizers import Tokenizers
from services.models.tokens import estimate
from services.prompts.room import room_of
from services.prompts.sections import Prompt
from services.store.models import Run
from services.workflows.bench import bench


@dataclass(frozen=True)
class Context:
    """`room` is for the prompt and the files with it, in tokens as `count` counts them; `by` says how."""

    room: int
    count: Callable[[str], int]
    by: str

    def size(self, worktree: Path, paths: Sequence[str]) -> int:
        return sum(self.count(_text_of(worktree / path) or "") for path in paths)

    def that_fit(self, worktree: Path, paths: Sequence[str], room: int) -> tuple[str, ...]:
        """The files that can be read, one by one, as long as there is room."""
        kept: list[str] = []
        for path in paths:
            text = _text_of(worktree / path)
            if text is not None and (need := self.count(text)) <= room:
                kept.append(path)
                room -= need
        return tuple(kept)

    def told(self, prompt: Prompt, files: int = 0, files_left_out: Sequence[str] = ()) -> dict[str, Any]:
        """For the run's record. `files` are the tokens of those that go with the prompt."""
        left_out = [*prompt.left_out, *(f"the file {path}" for path in files_left_out)]
        return {"tokens": prompt.tokens + files, "room": self.room, "counted_by": self.by, "left_out": left_out}


async def context_of(model: ModelAccess) -> Context:
    """The first time that a model's tokenizer is used, reading it takes a second."""
    count = await asyncio.to_thread(_tokenizers().counter, model.model)
    room = room_of(model.context_tokens, model.max_output_tokens)
    return Context(room, count or estimate, "tokenizer" if count else "estimate")


def is_at_hand(model: ModelAccess) -> bool:
    """Whether `context_of` answers at once."""
    return _tokenizers().is_at_hand(model.model)


def note_prompt(run: Run, step: str, told: dict[str, Any] | None) -> None:
    """On the run: how large the step's prompt was, and what it had to do without."""
    if told is not None:
        run.details = {**run.details, "prompts": {**run.details.get("prompts", {}), step: told}}


def _text_of(path: Path) -> str | None:
    """None for what is no file that can be read, a link among them."""
    try:
        return read_regular(path).decode("utf-8", errors="replace")
    except OSError:
        return None


def _tokenizers() -> Tokenizers:
    return _in_folder(bench().settings.home / "models" / "tokenizers")


@lru_cache(maxsize=2)
def _in_folder(folder: Path) -> Tokenizers:
    return Tokenizers(folder)
