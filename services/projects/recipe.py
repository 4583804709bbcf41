"""How a project is set up and tested, in the words of its settings."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """Shell commands. `junit` is where the test command leaves its report; `setup_inputs` are the files whose content
    decides whether the environment that `setup` built is still good."""

    test: str | None = None
    e2e: str | None = None
    junit: str | None = None
    setup: str | None = None
    setup_inputs: tuple[str, ...] = ()

    def settings(self) -> dict[str, Any]:
        """Only what is known. Without an end-to-end command of its own, a project's tests run on the merged branch."""
        if self.test is None:
            return {"commands": {}}
        settings: dict[str, Any] = {"commands": {"test": self.test, "e2e": self.e2e or self.test}}
        if self.junit:
            settings["junit"] = self.junit
        if self.setup:
            settings |= {"setup": self.setup, "setup_inputs": list(self.setup_inputs)}
        return settings
