"""What the running hub says of its parts, beside how its services are."""

from typing import Any

from rich.markup import escape

from services.cli import printing
from services.cli.hub_calls import calls
from services.domain.errors import HubError
from services.stack.settings import StackSettings

SECONDS = 5.0
TROUBLE = ("unwell", "unknown")


def full_health(settings: StackSettings) -> dict[str, Any] | None:
    """`GET /health/full`; None where the hub does not answer it."""
    try:
        with calls(SECONDS, settings) as client:
            return client.get("/health/full")
    except (HubError, ValueError):
        return None


def print_trouble(health: dict[str, Any]) -> None:
    """Each part that is not well, with its way out; one line when all are."""
    parts = [part for part in health["parts"] if part["status"] in TROUBLE]
    if not parts:
        printing.out.print(f"Health: {escape(health['sentence'])}")
    for part in parts:
        printing.out.print(f"Health: {printing.state(part['status'])} {part['name']}: {escape(part['sentence'])}")
        if part["way_out"]:
            printing.out.print(f"        {escape(part['way_out'])}")
