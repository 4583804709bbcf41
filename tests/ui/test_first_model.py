"""The first model, fetched in the page by an Ollama that has none: with progress, cancelled, gone on with, and used."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.integration.models.test_measuring import INFO
from tests.support.local_hub import LocalHub, local_hub
from tests.support.ollama_server import OllamaServer, serving
from tests.ui.conftest import check_accessible, shoot

MODEL = "qwen2.5-coder:1.5b"


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaServer]:
    """Empty, and with a registry that is slow."""
    server = OllamaServer(MODEL, INFO, 986_062_089, ["completion", "tools"])
    server.models.clear()
    server.fetchable |= {MODEL: 986_062_089, "small:1b": 1_000_000}
    server.chunk, server.chunk_seconds = 5_000_000, 1.0
    with serving(server):
        yield server


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, ollama: OllamaServer) -> Iterator[LocalHub]:
    told = {"OLLAMA_URL": ollama.url, "DEFAULT_MODEL": f"ollama/{MODEL}"}
    with local_hub(tmp_path_factory.mktemp("first") / "hub", without=("orchestrator", "agent-api"), **told) as hub:
        yield hub


def test_the_first_model_is_fetched_where_it_is_missed(signed_in: Page, ollama: OllamaServer, shots: Path) -> None:
    page = signed_in
    fetching = page.get_by_role("region", name="Fetch a model")
    expect(fetching.get_by_text(f"ollama/{MODEL} is the hub's model, and this server does not have it")).to_be_visible()
    check_accessible(page)
    shoot(page, shots, "first-model")
    fetching.get_by_role("button", name=f"Fetch {MODEL}").click()
    job = fetching.get_by_role("article", name=f"Fetching ollama/{MODEL}")
    bar = job.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", re.compile("^[1-9]"))
    expect(job).to_contain_text("MiB a second")
    expect(fetching.get_by_role("button", name=f"Fetch {MODEL}")).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shoot(page, shots, "first-model-fetching-phone")
    check_accessible(page)

    # Cancelled, what was fetched is kept; gone on with, it is not fetched twice.
    job.get_by_role("button", name="Cancel").click()
    stopped = fetching.get_by_role("article", name=f"Fetch ollama/{MODEL}")
    expect(stopped).to_contain_text("cancelled")
    there = ollama.fetched[MODEL]
    assert 0 < there < ollama.fetchable[MODEL]
    ollama.chunk, ollama.chunk_seconds = 20_000_000, 0.02
    stopped.get_by_role("button", name="Go on").click()
    expect(page.get_by_text(f"ollama/{MODEL} answers.")).to_be_visible()
    expect(page.get_by_role("list", name="Models")).to_contain_text("in use")
    expect(fetching.get_by_role("article")).to_have_count(0)

    # Another one by its name; a name that its registry does not know says so there.
    fetching.get_by_label("Fetch a model").fill("small:1b")
    fetching.get_by_role("button", name="Fetch").click()
    expect(page.get_by_role("button", name="Use it: ollama/small:1b")).to_be_visible()
    fetching.get_by_label("Fetch a model").fill("no-such-model")
    fetching.get_by_role("button", name="Fetch").click()
    expect(fetching.get_by_role("article", name="Fetch ollama/no-such-model")).to_contain_text("file does not exist")
    page.set_viewport_size({"width": 1280, "height": 900})
    shoot(page, shots, "first-model-there")
