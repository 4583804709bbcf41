"""What can stand between a run and a model's answer."""

from typing import ClassVar

from services.domain.errors import HubError


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


class ModelOffline(HubError):
    """The hub is told to stay off the network, and the model is elsewhere."""

    code: ClassVar[str] = "model_offline"


class ModelPolicyInvalid(HubError):
    """A choice of models that can't be used: empty, a model named twice, a provider that nobody knows."""

    code: ClassVar[str] = "model_policy_invalid"


class ModelCallInvalid(HubError):
    """The request can't be read as a model call of its protocol."""

    code: ClassVar[str] = "model_call_invalid"


class ContextExceeded(HubError):
    """Prompt and answer together do not fit the model's context."""

    code: ClassVar[str] = "context_exceeded"


class BudgetExceeded(HubError):
    """The worst case of this call does not fit what is left of the project's or the day's budget."""

    code: ClassVar[str] = "budget_exceeded"


class ModelWithoutPrice(HubError):
    """Nothing is known about what the model costs, and there is a budget to hold."""

    code: ClassVar[str] = "model_without_price"


class UpstreamFailed(HubError):
    """The provider does not answer, or broke off; the same call may succeed later."""

    code: ClassVar[str] = "upstream_failed"


class UpstreamBusy(HubError):
    """The provider asks to come back later."""

    code: ClassVar[str] = "upstream_busy"


class UpstreamTimeout(HubError):
    """The provider did not answer in time."""

    code: ClassVar[str] = "upstream_timeout"


class ModelShapeUnknown(HubError):
    """The model's server does not tell what its memory could be computed from."""

    code: ClassVar[str] = "model_shape_unknown"


class NothingFits(HubError):
    """No known model fits on the graphics card."""

    code: ClassVar[str] = "no_model_fits"


class TokenizerUnusable(HubError):
    """What is told of a model's tokenizer is not enough to count with, or the file is none."""

    code: ClassVar[str] = "tokenizer_unusable"


class ModelBusy(HubError):
    """The same is being done with the model already, or too much else is."""

    code: ClassVar[str] = "model_busy"


class ModelInUse(HubError):
    """A run, or a job, works with the model that shall be removed."""

    code: ClassVar[str] = "model_in_use"
