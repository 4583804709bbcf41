"""Stands in for litellm, which Aider would import for two seconds and 130 MB: calls go through `gateway_call`.

Aider asks litellm for the names of its exceptions only, once sending and counting are overridden (`strict_model`).
"""

import sys
import types


def install() -> None:
    """Put a module named litellm in place, with the exceptions that Aider knows, before Aider first uses litellm."""
    module = types.ModuleType("litellm", __doc__)
    sys.modules["litellm"] = module
    from aider.exceptions import EXCEPTIONS
    from aider.llm import litellm

    for known in EXCEPTIONS:
        setattr(module, known.name, type(known.name, (Exception,), {}))
    litellm._lazy_module = module
