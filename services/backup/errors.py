"""What keeps a backup from being made, or from being brought back."""

from typing import ClassVar

from services.domain.errors import HubError


class BackupRefused(HubError):
    """The backup can't be written where it was asked for; nothing was written."""

    code: ClassVar[str] = "backup_refused"


class BackupDamaged(HubError):
    """The file is no backup of a hub, is cut off, or is not what it was when it was made."""

    code: ClassVar[str] = "backup_damaged"


class BackupNewer(HubError):
    """The backup was made by a newer version of the hub, or of its engine, than this one."""

    code: ClassVar[str] = "backup_newer"


class BackupElsewhere(HubError):
    """The backup is of the other kind of database."""

    code: ClassVar[str] = "backup_of_other_database"


class PassphraseRefused(HubError):
    """The passphrase is missing, too short, or not the one that the backup's secrets were locked with."""

    code: ClassVar[str] = "passphrase_refused"


class HubNotEmpty(HubError):
    """The hub that a backup shall be brought back to has work of its own."""

    code: ClassVar[str] = "hub_not_empty"


class HubRuns(HubError):
    """The hub runs, and what was asked for needs it stopped."""

    code: ClassVar[str] = "hub_runs"


class RestoreFailed(HubError):
    """The backup could not be brought back; the hub is as it was before."""

    code: ClassVar[str] = "restore_failed"
