"""What can go wrong around models."""

from typing import ClassVar

from services.domain.errors import HubError


class ScenarioInvalid(HubError):
    """A scenario file breaks the format; the sentence names file and line."""

    code: ClassVar[str] = "scenario_invalid"


class NoScriptedAnswer(HubError):
    """No rule of the scenario fits the request. The scripted model never makes an answer up."""

    code: ClassVar[str] = "scripted_no_rule"


class RunTokenInvalid(HubError):
    """The run token is missing, damaged, or made with another secret."""

    code: ClassVar[str] = "run_token_invalid"


class RunNotActive(HubError):
    """The token's run is not running: it ended, was cancelled, or never started."""

    code: ClassVar[str] = "run_not_active"


class ModelMissing(HubError):
    """The model's name can't be read, its provider is not set up, or the provider has no such model."""

    code: ClassVar[str] = "model_missing"


class ModelRefused(HubError):
    """The provider answered, and refused the call: a wrong key, or a request it does not accept."""

    code: ClassVar[str] = "model_refused"


class ModelCallInvalid(HubError):
    """The request can't be read as a model call of its protocol."""

    code: ClassVar[str] = "model_call_invalid"


class ContextExceeded(HubError):
    """Prompt and answer together do not fit the model's context."""

    code: ClassVar[str] = "context_exceeded"


class BudgetExceeded(HubError):
    """The worst case of this call does not fit what is left of the project's or the day's budget."""

    code: ClassVar[str] = "budget_exceeded"


class UpstreamFailed(HubError):
    """The provider does not answer, or broke off; the same call may succeed later."""

    code: ClassVar[str] = "upstream_failed"


class UpstreamTimeout(HubError):
    """The provider did not answer in time."""

    code: ClassVar[str] = "upstream_timeout"
