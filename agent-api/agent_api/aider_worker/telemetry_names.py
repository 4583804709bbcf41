"""Stands in for mixpanel and posthog, which Aider's analytics import whether or not they are on.

Nothing is told of an edit to anybody, so neither library is loaded; with what they take along (httpx, Pydantic) they
were a sixth of the process.
"""

import sys
import types
from typing import NoReturn


class Posthog:
    """What Aider would send by, if its analytics were ever turned on."""

    def __init__(self, *_: object, **__: object) -> NoReturn:
        raise RuntimeError("An edit tells nobody: the libraries of Aider's analytics are not there")


class MixpanelException(Exception):
    """What Aider would catch."""


def install() -> None:
    """Put both modules in place before Aider is imported."""
    for name, known in (("posthog", Posthog), ("mixpanel", MixpanelException)):
        module = types.ModuleType(name, __doc__)
        setattr(module, known.__name__, known)
        sys.modules[name] = module
