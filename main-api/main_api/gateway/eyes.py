"""Refuses pictures for a model that is known to have no eyes: it would answer as if it had seen them."""

from typing import Any

from services.models.errors import ModelRefused
from services.models.profiles import Profile

_KINDS = frozenset({"image_url", "input_image", "image"})


def check_eyes(name: str, body: dict[str, Any], profile: Profile) -> None:
    """Raises ModelRefused. Where nobody knows (`vision` None), the provider is left to say it."""
    if profile.vision is False and _has_picture(body.get("messages"), body.get("images")):
        raise ModelRefused(
            f"{name} can't see pictures, and the call has one.",
            "Leave the pictures out, or choose a model that sees (vision in its profile: `wf models list`).",
        )


def _has_picture(messages: Any, images: Any) -> bool:
    if images:
        return True  # Ollama's generate
    told = [message for message in messages if isinstance(message, dict)] if isinstance(messages, list) else []
    return any(message.get("images") or _in_parts(message.get("content")) for message in told)


def _in_parts(content: Any) -> bool:
    if not isinstance(content, list):
        return False
    parts = [part for part in content if isinstance(part, dict)]
    return any(part.get("type") in _KINDS or _in_parts(part.get("content")) for part in parts)
