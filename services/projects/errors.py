"""What can stand in the way of a project."""

from typing import ClassVar

from services.domain.errors import HubError


class WorkspaceDirty(HubError):
    """The workspace has changes that are not committed: agents would not see them, and a merge would wait for them."""

    code: ClassVar[str] = "workspace_dirty"


class WorkspaceForbidden(HubError):
    """The folder is the hub's own, holds it, or is outside WORKSPACES_DIR by a detour."""

    code: ClassVar[str] = "workspace_forbidden"


class ProjectBusy(HubError):
    """Runs of the project are still live."""

    code: ClassVar[str] = "project_busy"


class ClonesBusy(HubError):
    """As many repositories are being cloned as CLONES_AT_ONCE allows."""

    code: ClassVar[str] = "clones_busy"


class WorkspaceOther(HubError):
    """The folder holds another repository than the project's, and that was not what was asked for."""

    code: ClassVar[str] = "workspace_other"


class ProjectArchived(HubError):
    """The project is archived: nothing of it begins, and it takes no new work."""

    code: ClassVar[str] = "project_archived"
