"""How much a tool reads, answers and takes. Every one is a setting of agent-api."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToolLimits:
    """`answer_characters` of one answer's text, `line_characters` of a found line, `file_bytes` of a file that is
    edited or written, `seconds` of one search."""

    answer_characters: int = 60_000
    line_characters: int = 400
    file_bytes: int = 2_000_000
    seconds: float = 30
