"""How a call of an agent can fail."""

from typing import ClassVar

from services.domain.errors import HubError


class AgentUnreachable(HubError):
    """Nothing answers at the agent's address, or it broke off: safe to ask again."""

    code: ClassVar[str] = "agent_unreachable"


class AgentBusy(HubError):
    """The agent is at its capacity: ask again later."""

    code: ClassVar[str] = "agent_busy"


class AgentRefused(HubError):
    """The agent understood and said no: asking again changes nothing."""

    code: ClassVar[str] = "agent_refused"
