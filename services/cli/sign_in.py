"""The link that signs a browser in: made by the running hub, opened once."""

from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from services.cli import printing
from services.cli.hub_calls import calls
from services.domain.errors import HubError
from services.stack.settings import StackSettings


@dataclass(frozen=True)
class SignIn:
    """`page_built` is False where the hub has nothing to show yet but its API."""

    url: str
    minutes: int
    page_built: bool


def fresh_link(settings: StackSettings) -> SignIn:
    """Asks the hub for a link. Raises HubAway when it does not run, HubRefused when it says no."""
    with calls(settings=settings) as client:
        made = client.post("/login/links")
        page = httpx.head(f"{settings.main_api_url}/chat.html", timeout=5.0, trust_env=False)
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    return SignIn(made["url"], max(1, round(left.total_seconds() / 60)), page.status_code == 200)


def print_link(sign_in: SignIn) -> None:
    """On a line of its own, so that a terminal makes it clickable."""
    printing.out.print(f"  Open:     [bold]{sign_in.url}[/]", soft_wrap=True)
    printing.out.print(f"            It signs one browser in, once, within {sign_in.minutes} minutes. "
                       "Another one: ./start.sh login")  # fmt: skip
    if not sign_in.page_built:
        printing.out.print("[yellow]            The page is not built yet:[/] ./start.sh builds it, and says why not.")


def offer_link(settings: StackSettings) -> None:
    """As print_link, where the command has done its work already: a hub without a link is still a hub that runs."""
    try:
        print_link(fresh_link(settings))
    except HubError as error:
        printing.refusal(error)
