"""What a command of the terminal can refuse by itself."""

from services.domain.errors import HubError


class HubAway(HubError):
    """Nobody answers at the hub's address."""

    code = "hub_away"
