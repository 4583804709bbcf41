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


class SecretElsewhere(HubError):
    """A secret is set in the environment, which wins over .env: it can't be changed there."""

    code = "secret_elsewhere"


class BadSetting(HubError):
    """A setting cannot be read as what it should be."""

    code = "bad_setting"


class MigrationFailed(HubError):
    """The database's tables could not be brought up to date."""

    code = "migration_failed"


class HomeUnusable(HubError):
    """The folder for the hub's database, logs and work cannot be made or written."""

    code = "home_unusable"


class NoEngine(HubError):
    """No Docker engine answers where one is looked for."""

    code = "no_engine"


class EngineForbidden(HubError):
    """The engine is there, but this user may not talk to it."""

    code = "engine_forbidden"


class EngineFailed(HubError):
    """The engine refused or failed at something that should work. `data` has its own words."""

    code = "engine_failed"


class ImageMissing(HubError):
    """An image is not here and could not be pulled."""

    code = "image_missing"


class BuildFailed(HubError):
    """An image of ours could not be built. `data["last_lines"]` are the build's last words."""

    code = "build_failed"


class OtherStackRuns(HubError):
    """The hub runs as local processes where containers are asked for, or the other way round."""

    code = "other_stack_runs"


class NoRoom(HubError):
    """The engine's disk has too little room for images. `data` has the bytes that are free and that are wanted."""

    code = "no_room"


class NoSuchService(HubError):
    """No service of the hub has that name, or it does not run."""

    code = "no_such_service"
