"""Models in the page beside a server of Ollama's protocol: what fits, fetched, measured, tried out, and each call."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.integration.models.test_measuring import INFO, able
from tests.support.local_hub import LocalHub, local_hub
from tests.support.ollama_server import OllamaServer, serving
from tests.ui.conftest import WIDE, check_accessible, shoot

PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL, BIG = "ollama/small:1b", "ollama/coder:7b"


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaServer]:
    with serving(OllamaServer("small:1b", INFO, 986_062_089, ["completion", "tools"])) as server:
        server.answer = able("diff", "whole")
        server.words, server.word_seconds = 4, 0.001
        server.fetchable["coder:7b"] = 40_000_000
        server.chunk, server.chunk_seconds = 100_000, 0.15
        yield server


@pytest.fixture(scope="module")
def hub(ollama: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    without = ("orchestrator", "agent-api", "scripted-model")
    with local_hub(tmp_path_factory.mktemp("models") / "hub", without=without, OLLAMA_URL=ollama.url) as running:
        yield running


@pytest.fixture
def models(signed_in: Page, hub: LocalHub) -> Page:
    signed_in.goto(f"{hub.client.url}/chat.html?view=models")
    signed_in.get_by_role("article", name=SMALL, exact=True).wait_for()
    return signed_in


def test_what_fits_is_told_measured_and_tried_out(models: Page, shots: Path) -> None:
    page = models
    card = page.get_by_role("article", name=SMALL, exact=True)
    expect(card).to_contain_text("fits")
    expect(card).to_contain_text("The largest context that fits is")
    page.get_by_label("What fits with a context of").select_option("131072")
    expect(card).to_contain_text("too large")
    page.get_by_label("What fits with a context of").select_option("")
    card.get_by_role("button", name="Measure").click()
    expect(card).to_contain_text("tokens a second", timeout=30_000)
    card.get_by_role("button", name="Try out").click()
    expect(card).to_contain_text("edits in", timeout=30_000)
    expect(card).to_contain_text("as tried out")
    check_accessible(page)
    shoot(page, shots, "models")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shoot(page, shots, "models-phone")
    page.set_viewport_size(WIDE)


def test_a_model_is_fetched_left_off_gone_on_with_and_removed(models: Page, ollama: OllamaServer) -> None:
    page = models
    page.get_by_label("Fetch a model").fill("coder:7b")
    page.get_by_role("button", name="Fetch", exact=True).click()
    job = page.get_by_role("article", name=f"Fetching {BIG}")
    expect(job).to_contain_text(re.compile(r"\d+ MiB of 38 MiB"))
    job.get_by_role("button", name="Cancel").click()
    again = page.get_by_role("region", name="What is done with models").get_by_role("button", name="Go on")
    expect(again).to_be_visible()
    there = ollama.fetched["coder:7b"]
    assert 0 < there < 40_000_000
    ollama.chunk, ollama.chunk_seconds = 1_000_000, 0.0
    again.click()
    card = page.get_by_role("article", name=BIG, exact=True)
    expect(card).to_be_visible(timeout=30_000)
    card.get_by_role("button", name="Remove …").click()
    dialog = page.get_by_role("dialog", name=f"Remove {BIG}?")
    expect(dialog).to_contain_text("It is taken off the disk")
    dialog.get_by_role("button", name="Remove it").click()
    expect(card).to_have_count(0)
    assert list(ollama.models) == ["small:1b"]


def test_a_model_that_nobody_has_is_told(models: Page) -> None:
    page = models
    page.get_by_label("Fetch a model").fill("nowhere:1b")
    page.get_by_role("button", name="Fetch", exact=True).click()
    expect(page.get_by_role("region", name="What is done with models")).to_contain_text("failed")


def test_each_call_is_in_the_traffic_with_its_question_and_answer(
    models: Page, hub: LocalHub, ollama: OllamaServer, shots: Path
) -> None:
    page = models
    ollama.answer = lambda _body: {"content": "Seven."}
    token = {"Authorization": f"Bearer {hub.settings.environment['WFHUB_TOKEN']}"}
    said = {"model": "small:1b", "messages": [{"role": "user", "content": "<b>How many coins?</b>"}]}
    httpx.post(f"{hub.client.url}/ollama/v1/chat/completions", headers=token, json=said).raise_for_status()
    page.get_by_role("article", name=SMALL, exact=True).get_by_role("link", name="Traffic").click()
    expect(page).to_have_url(re.compile("part=traffic&model="))
    table = page.get_by_role("table")
    expect(table).to_contain_text("a tool of yours")
    check_accessible(page)
    shoot(page, shots, "traffic")
    table.get_by_role("link", name=SMALL).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Question")).to_contain_text("<b>How many coins?</b>")
    check_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_text("By role", exact=True).click()
    expect(page.get_by_role("link", name="DEV")).to_be_visible()
