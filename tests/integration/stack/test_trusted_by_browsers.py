"""scripts/trust.sh and a real browser: Chromium opens the hub's address once its store has the authority, not before or
after."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.integration.stack.test_caddy import DOMAIN, Door, door, upstream
from tests.support.local_hub import CHECKOUT

__all__ = ["door", "upstream"]  # fixtures
PROGRAMS = ("chromium", "certutil")
TRIES = 40  # networks that come and go, as those of containers in other tests do, interrupt a browser


def opens(door: Door, home: Path) -> str:
    """What the page says, or the browser's refusal."""
    arguments = [f"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE {DOMAIN}", "--no-sandbox", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=arguments, env={**os.environ, "HOME": str(home)}
        )
        try:
            page = browser.new_page()
            for _ in range(TRIES):
                try:
                    page.goto(f"https://{DOMAIN}:{door.https}/page")
                    return page.inner_text("body")
                except Error as error:
                    said = error.message
                if "ERR_NETWORK_CHANGED" not in said:
                    return said
                page.wait_for_timeout(500)
            raise AssertionError("the machine's networks did not come to rest")
        finally:
            browser.close()


def test_chromium_believes_what_was_trusted_and_no_longer_what_was_not(door: Door, tmp_path: Path) -> None:
    if lacking := [name for name in PROGRAMS if shutil.which(name) is None]:
        if os.environ.get("CI"):
            pytest.fail(f"not installed: {lacking}")
        pytest.skip(f"needs {lacking}: apt install chromium libnss3-tools")
    programs, home = tmp_path / "programs", tmp_path / "home"
    programs.mkdir()
    home.mkdir()
    (programs / "update-ca-certificates").write_text("#!/bin/sh\n")  # this machine's own store is left alone
    (programs / "update-ca-certificates").chmod(0o755)
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(home),
        "WFHUB_TRUST_FOLDER": str(tmp_path / "store"),
    }

    def run(script: str, *options: str) -> None:
        command = [str(CHECKOUT / "scripts" / script), "--yes", *options]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)

    assert "ERR_CERT_AUTHORITY_INVALID" in opens(door, home)
    run("trust.sh", "--ca", str(door.ca))
    assert "a page" in opens(door, home)
    run("untrust.sh")
    assert "ERR_CERT_AUTHORITY_INVALID" in opens(door, home)
