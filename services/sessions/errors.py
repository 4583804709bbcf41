"""What can go wrong when a person signs in."""

from services.domain.errors import HubError


class LinkExpired(HubError):
    """The code of a sign-in link was used before, is too old, or was never given out."""

    code = "link_expired"
