"""What is known of a model: its context, how much it may answer, how it edits best, where it runs, its licence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

EditFormat = Literal["whole", "diff", "udiff"]


@dataclass(frozen=True, slots=True)
class Profile:
    """Tokens for both sizes. The context is the pinned one, which holds prompt and answer, not what a model could take.

    `local` models run on the owner's machines and cost nothing. `tools`, `vision` and `json_schema` say what the model
    can do: None where nobody has looked. `kv_type` is what its context was computed with, "" where it wasn't.
    """

    edit_format: EditFormat = "whole"
    context_tokens: int = 8192
    max_output_tokens: int = 2048
    local: bool = True
    licence: str = ""
    tools: bool | None = None
    vision: bool | None = None
    json_schema: bool | None = None
    kv_type: str = ""


RESEARCH_ONLY = "Qwen Research Licence: not for commercial use"
APACHE = "Apache-2.0"
LLAMA = "Llama Community Licence"
GEMMA = "Gemma Terms of Use"
_SMALL = Profile()
_CLOUD = Profile("diff", 128_000, 8192, local=False)
_EYES = r"ollama/(.*(llava|vision|moondream|minicpm-v)|qwen\d(\.\d)?-?vl).*"  # families made to look at pictures

# the first pattern that matches the whole `provider/name` wins; small models follow only `whole`
_KNOWN: tuple[tuple[str, Profile], ...] = (
    (r"scripted/.+", Profile("whole", 32_768, 8192, licence="scripted: not a model")),
    (r".+[:-]cloud", replace(_CLOUD, context_tokens=32_768)),  # Ollama's names for models that run elsewhere
    (r"ollama/qwen2\.5-coder:3b.*", replace(_SMALL, licence=RESEARCH_ONLY, vision=False)),
    (r"ollama/qwen2\.5-coder:(14|32)b.*", Profile("diff", 16_384, 4096, licence=APACHE, vision=False)),
    (r"ollama/(qwen2\.5-coder|qwen3|qwen3-coder)(:.*)?", replace(_SMALL, licence=APACHE, vision=False)),
    (r"ollama/gemma3:(1b|270m).*", replace(_SMALL, licence=GEMMA, vision=False)),
    (r"ollama/gemma3.*", replace(_SMALL, licence=GEMMA, vision=True)),
    (_EYES, replace(_SMALL, vision=True)),
    (r"ollama/llama3\.2(:.*)?", replace(_SMALL, licence=LLAMA, vision=False)),
    (r"ollama/(llama3|codellama).*", replace(_SMALL, licence=LLAMA)),
    (r"ollama/.+", _SMALL),
    (r"openai/gpt-4\.1.*", Profile("diff", 1_000_000, 32_768, local=False, vision=True)),
    (r"openai/(gpt-5|o[134]).*", Profile("diff", 200_000, 32_768, local=False)),
    (r"openai/gpt-4o.*", Profile("diff", 128_000, 16_384, local=False, vision=True)),
    (r"openai/gpt-3\.5.*", Profile("whole", 16_385, 4096, local=False, vision=False)),
    (r"anthropic/claude-.*", Profile("diff", 200_000, 8192, local=False, tools=True, vision=True)),
    (r"groq/.*(70b|90b|120b|maverick|kimi).*", Profile("diff", 32_768, 8192, local=False)),
    (r"groq/.+", Profile("whole", 32_768, 8192, local=False)),
    (r"openai/.+", Profile("whole", 8192, 2048, local=False)),  # any compatible address: nothing is known
)
_COMPILED = tuple((re.compile(pattern), profile) for pattern, profile in _KNOWN)
DEFAULT = replace(_SMALL, local=False)


def profile_of(name: str, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> Profile:
    """The profile of `provider/name`; a careful default where nothing is known.

    `overrides` maps full names to fields of Profile that its owner knows better. Raises TypeError for an unknown field.
    """
    known = next((profile for pattern, profile in _COMPILED if pattern.fullmatch(name)), DEFAULT)
    found = replace(known, **(overrides or {}).get(name, {}))
    return replace(found, max_output_tokens=min(found.max_output_tokens, found.context_tokens // 2))
