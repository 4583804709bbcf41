"""The story by clicking, as tests/ui tells it, in Chromium through Caddy's HTTPS at https://wfhub.localhost."""

import base64
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Page, sync_playwright

from tests.support.container_hub import ContainerHub, sample
from tests.ui import conftest as browsing
from tests.ui import test_story as journey

STAYS_HOME = ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE wfhub.localhost", *browsing.STAYS_HOME[1:]]


@pytest.fixture
def page(hub: ContainerHub, tmp_path: Path) -> Iterator[Page]:
    """A browser that trusts Caddy's own authority, and no other than it usually does. A fault of the page fails."""
    if not Path(browsing.CHROMIUM).is_file():
        if os.environ.get("CI"):
            pytest.fail("there is no Chromium: apt install chromium")
        pytest.skip("there is no Chromium: apt install chromium")
    trusted = f"--ignore-certificate-errors-spki-list={_key_hash(hub.ca.with_name('intermediate.crt'))}"
    faults: list[str] = []
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=browsing.CHROMIUM, args=[*STAYS_HOME, trusted],
            viewport={"width": 1680, "height": 900}, color_scheme="light",
        )  # fmt: skip
        context.set_default_timeout(60_000)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        yield context.pages[0]
        context.close()
    assert not faults, faults


def _key_hash(certificate: Path) -> str:
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    told = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(told).digest()).decode()


def test_the_story_by_clicking(page: Page, hub: ContainerHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shots = Path(os.environ.get("UI_SHOTS") or tmp_path)
    monkeypatch.setattr(journey, "sample", sample)
    # The checkout belongs to the user the containers run as; git looks at it as whoever runs the tests.
    for name, value in {"COUNT": "1", "KEY_0": "safe.directory", "VALUE_0": "*"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    journey.test_a_request_becomes_merged_commits(page, hub, shots)  # type: ignore[arg-type]
    assert page.url.startswith(hub.url)
    assert page.evaluate("window.isSecureContext")
