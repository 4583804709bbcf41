"""The secrets that a job was given, known to the redactor for as long as anything of it is written."""

from contextlib import ExitStack

from services.contract.run_spec import RunSpec
from services.redaction import KNOWN


def known_secrets(spec: RunSpec) -> ExitStack:
    """Close it when the job is over."""
    stack = ExitStack()
    for name, secret in getattr(spec.settings, "secrets", {}).items():
        stack.enter_context(KNOWN.knowing(name, secret.get_secret_value()))
    return stack
