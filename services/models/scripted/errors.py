"""What can be wrong with a scenario, with a request to the scripted model, or with its start."""

from services.domain.errors import HubError


class ScenarioInvalid(HubError):
    """The scenario file can't be played; the sentence names the file and the line."""

    code = "scenario_invalid"


class NoRule(HubError):
    """No rule of the scenario answers this request."""

    code = "scripted_no_rule"


class UnknownModel(HubError):
    """The request asks for a model that the scenario does not play."""

    code = "scripted_unknown_model"


class FenceClash(HubError):
    """A file's content has a line that looks like the fence the request asks for."""

    code = "fence_clash"


class RequestUnreadable(HubError):
    """The request's body is not what the protocol says."""

    code = "scripted_request_unreadable"


class ScriptedPortTaken(HubError):
    """The port can't be listened on, mostly because another program does."""

    code = "scripted_port_taken"


class CountFileUnreadable(HubError):
    """The count file holds a line that no scripted model wrote, or can't be opened."""

    code = "scripted_count_file"
