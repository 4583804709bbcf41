"""Tools for a model that takes none by protocol: told in words, called in words, answered in words."""

import json
from dataclasses import replace
from typing import Any

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    RetryPromptPart,
    SystemPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters

REFUSED = "does not support tools"  # Ollama's words, for a model whose template has no place for them
NOTICE = "The model takes no tools by protocol, so they are told to it in words."
_HOW = (
    'You have tools. To use one, answer with nothing but JSON such as {"name": "read", "arguments": {"path": "a.py"}}; '
    "you are then told what it answered. When you need none, answer without such JSON. The tools:"
)


def in_words(
    messages: list[ModelMessage], asked: ModelRequestParameters
) -> tuple[list[ModelMessage], ModelRequestParameters]:
    """The same conversation without tools in the protocol. The same every time, so that stored answers are found."""
    told = [_told(message) for message in messages]
    if asked.function_tools and told and isinstance(first := told[0], ModelRequest):
        told[0] = replace(first, parts=[SystemPromptPart(_listed(asked)), *first.parts])
    return told, replace(asked, function_tools=[])


def _listed(asked: ModelRequestParameters) -> str:
    lines = [
        f"- {tool.name}: {tool.description} Arguments: {json.dumps(tool.parameters_json_schema)}"
        for tool in asked.function_tools
    ]
    return "\n".join([_HOW, *lines])


def _told(message: ModelMessage) -> ModelMessage:
    if isinstance(message, ModelResponse):
        return replace(message, parts=[_as_text(part) for part in message.parts])
    return replace(message, parts=[_as_words(part) for part in message.parts])


def _as_text(part: Any) -> Any:
    if not isinstance(part, ToolCallPart):
        return part
    arguments = part.args if isinstance(part.args, str) else json.dumps(part.args or {}, ensure_ascii=False)
    return TextPart(f'{{"name": {json.dumps(part.tool_name)}, "arguments": {arguments}}}')


def _as_words(part: Any) -> Any:
    if isinstance(part, ToolReturnPart):
        return UserPromptPart(f"{part.tool_name} answered:\n{part.model_response_str()}", timestamp=part.timestamp)
    if isinstance(part, RetryPromptPart) and part.tool_name:
        return UserPromptPart(f"{part.tool_name}: {part.model_response()}", timestamp=part.timestamp)
    return part
