"""How a project is set up and tested, in the words of its settings; and what its files told."""

import shlex
from dataclasses import dataclass, field, replace
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
    lint: tuple[str, ...] = ()

    def settings(self) -> dict[str, Any]:
        """Only what is known. Without an end-to-end command of its own, a project's tests run on the merged branch."""
        commands: dict[str, str] = {}
        if self.test is not None:
            commands = {"test": self.test, "e2e": self.e2e or self.test}
        if self.lint:
            commands["lint"] = " && ".join(self.lint)
        settings: dict[str, Any] = {"commands": commands}
        if self.test is None:
            return settings
        if self.junit:
            settings["junit"] = self.junit
        if self.setup:
            settings |= {"setup": self.setup, "setup_inputs": list(self.setup_inputs)}
        return settings

    def within(self, folder: str) -> "Recipe":
        """The same, from the workspace's root, of a part that lies in `folder`."""
        if not folder:
            return self
        there = f"cd {shlex.quote(folder)} && "
        return replace(
            self,
            test=self.test and there + self.test,
            e2e=self.e2e and there + self.e2e,
            junit=self.junit and f"{folder}/{self.junit}",
            setup=self.setup and there + self.setup,
            setup_inputs=tuple(f"{folder}/{name}" for name in self.setup_inputs),
            lint=tuple(there + command for command in self.lint),
        )


@dataclass(frozen=True)
class Part:
    """One project of a workspace: a folder with a manifest. `kind` is its ecosystem: python, node, rust, …"""

    kind: str
    manager: str
    frameworks: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    recipe: Recipe = field(default_factory=Recipe)
    path: str = ""

    def facts(self) -> dict[str, Any]:
        return {
            "path": self.path or ".",
            "kind": self.kind,
            "package_manager": self.manager,
            "frameworks": list(self.frameworks),
            "test": self.recipe.test,
        }
