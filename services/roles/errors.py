"""What can be wrong with a workflow's text, and with the file it should come from."""

from typing import ClassVar

from services.domain.errors import HubError


class WorkflowInvalid(HubError):
    """The text is no workflow that could be used. `errors` has each place (`file:line`) and what is wrong there."""

    code: ClassVar[str] = "workflow_invalid"


class WorkflowFile(HubError):
    """The project's workspace has no such file, or it may not be read."""

    code: ClassVar[str] = "workflow_file"
