"""In place of the real one, whose own lookups of names no audit hook is told of."""

from asyncio import new_event_loop

__all__ = ["new_event_loop"]
