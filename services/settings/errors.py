"""What can go wrong with settings that are kept in the database."""

from services.domain.errors import HubError


class ProviderInUse(HubError):
    """Something is set to a model of the provider: `used_by` in the data says what."""

    code = "provider_in_use"


class ChangeStoodOn(HubError):
    """A change can't be taken back, for a later one changed the same; `by` in the data is that one's version."""

    code = "change_stood_on"
