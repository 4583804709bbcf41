"""Shapes of models that one may want on a small card, for where no Ollama answers that would tell them.

Qwen2.5-Coder: its technical report (arXiv 2409.12186), table 1; sizes of the files as `ollama ls` shows them (Q4_K_M),
rounded up. Scores: Aider's 133-task Python benchmark in the `whole` format, as published on aider.chat. Llama 3.2 and
Gemma 3: the `config.json` of the published models.
"""

from dataclasses import dataclass

from services.models.profiles import APACHE, GEMMA, LLAMA, RESEARCH_ONLY
from services.models.shapes import ModelShape, windowed_but_every

MEGABYTE = 1_000_000
_SOURCE = "the packaged table"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model to choose. `score` is the percentage of the benchmark's tasks it solves, None where none is published."""

    shape: ModelShape
    licence: str
    score: int | None = None

    @property
    def for_any_use(self) -> bool:
        return self.licence != RESEARCH_ONLY


def _qwen(size: str, megabytes: int, layers: int, embedding: int, heads: int, kv: int, head: int) -> ModelShape:
    vocabulary = 152_064 if embedding >= 3584 else 151_936
    return ModelShape(f"ollama/qwen2.5-coder:{size}", megabytes * MEGABYTE, 32_768, embedding, heads, (kv,) * layers,
                      head, head, vocabulary, source=_SOURCE)  # fmt: skip


def _gemma(size: str, megabytes: int, layers: int, embedding: int, heads: int, kv: int, window: int) -> ModelShape:
    trained, vocabulary = (32_768, 262_144) if size == "1b" else (131_072, 262_208)
    return ModelShape(f"ollama/gemma3:{size}", megabytes * MEGABYTE, trained, embedding, heads, (kv,) * layers,
                      256, 256, vocabulary, window, windowed_but_every(6, layers), _SOURCE)  # fmt: skip


def _llama(size: str, megabytes: int, layers: int, embedding: int, heads: int, head: int) -> ModelShape:
    return ModelShape(f"ollama/llama3.2:{size}", megabytes * MEGABYTE, 131_072, embedding, heads, (8,) * layers,
                      head, head, 128_256, source=_SOURCE)  # fmt: skip


KNOWN: tuple[Candidate, ...] = (
    Candidate(_qwen("0.5b", 398, 24, 896, 14, 2, 64), APACHE, 14),
    Candidate(_qwen("1.5b", 987, 28, 1536, 12, 2, 128), APACHE, 32),
    Candidate(_qwen("3b", 1930, 36, 2048, 16, 2, 128), RESEARCH_ONLY, 39),
    Candidate(_qwen("7b", 4690, 28, 3584, 28, 4, 128), APACHE, 58),
    Candidate(_llama("1b", 1322, 16, 2048, 32, 64), LLAMA),
    Candidate(_llama("3b", 2020, 28, 3072, 24, 128), LLAMA),
    Candidate(_gemma("1b", 816, 26, 1152, 4, 1, 512), GEMMA),
    Candidate(_gemma("4b", 3340, 34, 2560, 8, 4, 1024), GEMMA),
)
