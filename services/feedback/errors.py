"""What can stand in the way of a person's words to an agent."""

from typing import ClassVar

from services.domain.errors import HubError


class FeedbackTooLong(HubError):
    """More than an agent is told in one go. `limit` is in characters."""

    code: ClassVar[str] = "feedback_too_long"


class FeedbackHeard(HubError):
    """An agent has heard these words: they are a part of what it was told."""

    code: ClassVar[str] = "feedback_heard"
