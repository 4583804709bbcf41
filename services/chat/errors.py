"""What can't be said in a chat."""

from typing import ClassVar

from services.domain.errors import HubError


class CommandUnknown(HubError):
    """There is no such command; the sentence names those that there are."""

    code: ClassVar[str] = "command_unknown"


class CommandIncomplete(HubError):
    """The command lacks a word, or has one too many."""

    code: ClassVar[str] = "command_incomplete"


class NotAnswering(HubError):
    """There is no answer under way that could be stopped."""

    code: ClassVar[str] = "not_answering"
