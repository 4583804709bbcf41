"""Writes the table of all error codes into docs/api.md: `python -m scripts.error_table`; `--check` only compares."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import agent_api
import main_api
import services
from agent_api.problems import STATUS as AGENT_STATUS
from main_api.errors import DEFAULT_STATUS, OTHER, status_of
from services.domain.errors import HubError

TARGET = Path(__file__).parents[1] / "docs" / "api.md"
BEGIN, END = "<!-- codes: python -m scripts.error_table -->\n", "<!-- end of codes -->\n"
NOT_OVER_HTTP = (
    "services.cli", "services.demo", "services.stack", "services.workflows", "services.models.scripted",
    "services.prompts",
)  # fmt: skip
PACKAGES: tuple[ModuleType, ...] = (services, main_api, agent_api)


def every_error() -> Iterator[type[HubError]]:
    """All subclasses of HubError, and itself, once every module of ours that knows it was imported."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if "HubError" in _source(module):  # programs that are run by path, and the sample, do not know it
                importlib.import_module(module.name)
    waiting = [HubError]
    while waiting:
        found = waiting.pop()
        waiting += found.__subclasses__()
        if found.__module__.split(".")[0] in ("services", "main_api", "agent_api"):
            yield found


def table() -> str:
    """Markdown: each code, its status, and what it means."""
    rows = {error.code: (_status(error), _first_sentence(error)) for error in every_error() if error is not HubError}
    rows |= {code: (str(status), meaning) for code, (status, meaning) in OTHER.items()}
    lines = [f"| `{code}` | {status} | {text} |" for code, (status, text) in sorted(rows.items())]
    return "\n".join(["| code | status | means |", "| --- | --- | --- |", *lines]) + "\n"


def text() -> str:
    """docs/api.md as it should be."""
    before, _, rest = TARGET.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}{table()}{END}{after}"


def _status(error: type[HubError]) -> str:
    """main-api's, agent-api's, or a dash for what is only told on a terminal or in a run's record."""
    if error.__module__.startswith("agent_api"):
        return str(AGENT_STATUS.get(error.code, DEFAULT_STATUS))
    return "—" if error.__module__.startswith(NOT_OVER_HTTP) else str(status_of(error.code))


def _first_sentence(error: type[HubError]) -> str:
    paragraph = (error.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(paragraph.split()).replace("|", "\\|")


def _source(module: pkgutil.ModuleInfo) -> str:
    spec = module.module_finder.find_spec(module.name, None)  # type: ignore[call-arg]
    if spec is None or spec.origin is None:
        raise FileNotFoundError(module.name)
    return Path(spec.origin).read_text(encoding="utf-8")


def main() -> int:
    if "--check" in sys.argv[1:]:
        return 0 if TARGET.read_text(encoding="utf-8") == text() else 1
    TARGET.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
