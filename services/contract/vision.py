"""Which models may be shown pictures, where the owner does not say otherwise (VISION_MODELS)."""

VISION_MODELS = "ollama/qwen2.5vl:3b,ollama/moondream:1.8b,ollama/gemma3:4b,ollama/llava:7b"


def vision_models(text: str) -> tuple[str, ...]:
    """The names in their order, each once; the first is the default."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
