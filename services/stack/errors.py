"""What can go wrong while the hub's own processes are started and stopped."""

from services.domain.errors import HubError


class PortTaken(HubError):
    """Another program listens on a port the hub needs."""

    code = "port_taken"


class ServiceUnwell(HubError):
    """A service ended at once, or did not become healthy in time. `data` has its name and last log lines."""

    code = "service_unwell"


class StackBusy(HubError):
    """Another start or stop of the same hub is under way."""

    code = "stack_busy"


class SecretRefused(HubError):
    """A secret of the settings is a placeholder, too short, or of the wrong form."""

    code = "secret_refused"


class BadSetting(HubError):
    """A setting cannot be read as what it should be."""

    code = "bad_setting"


class MigrationFailed(HubError):
    """The database's tables could not be brought up to date."""

    code = "migration_failed"


class HomeUnusable(HubError):
    """The folder for the hub's database, logs and work cannot be made or written."""

    code = "home_unusable"
