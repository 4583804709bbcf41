"""What can go wrong with stored credentials."""

from services.domain.errors import HubError


class CredentialUnreadable(HubError):
    """None of the hub's keys opens it: the key was lost, or the row was changed."""

    code = "credential_unreadable"
