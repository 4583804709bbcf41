"""The hub's face to people: HTTP, live events, and the model gateway."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("workflow-hub")
except PackageNotFoundError:  # run from a checkout that was never installed
    VERSION = "0.1.0"
