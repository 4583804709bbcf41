"""What can go wrong in the demo."""

from services.domain.errors import HubError


class SampleNotCopied(HubError):
    """The bundled sample could not be written where it was wanted."""

    code = "sample_not_copied"


class HubRefused(HubError):
    """The hub's API said no; the sentence is its own."""

    code = "hub_refused"


class HubSilent(HubError):
    """No event for too long."""

    code = "hub_silent"


class StoryStuck(HubError):
    """The story waits for something that the demo does not decide for a person."""

    code = "story_stuck"
