"""`wf login`: a fresh link that signs a browser in."""

from services.cli import hub, printing
from services.cli.options import Json
from services.cli.sign_in import fresh_link, print_link


def login(json_output: Json = False) -> None:
    """Print a link that signs one browser in, once."""
    sign_in = fresh_link(hub.settings_to_look())
    if json_output:
        printing.as_json({"url": sign_in.url, "minutes": sign_in.minutes, "page_built": sign_in.page_built})
    else:
        print_link(sign_in)
