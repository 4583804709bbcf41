"""What a deploy command may tell of itself: a small flat object, and no file that it only points at."""

import json
from pathlib import Path

import pytest

from agent_api.reports import deploy_facts
from agent_api.reports.bad_report import BadReport


def test_texts_and_numbers_count(tmp_path: Path) -> None:
    assert deploy_facts.read(tmp_path) == ({}, None)
    content = b'{"url": "http://x/", "build": 7}'
    (tmp_path / "deploy.json").write_bytes(content)
    assert deploy_facts.read(tmp_path) == ({"url": "http://x/", "build": "7"}, content)


@pytest.mark.parametrize(
    "text", ["[1]", "no json", '{"Bad Name": 1}', '{"url": ["x"]}', '{"ok": true}', "[" * 60_000, "{" * 70_000,
             json.dumps({f"n{n}": 1 for n in range(31)}), json.dumps({"url": "x" * 2001})],
)  # fmt: skip
def test_anything_else_does_not(tmp_path: Path, text: str) -> None:
    (tmp_path / "deploy.json").write_text(text)
    with pytest.raises(BadReport):
        deploy_facts.read(tmp_path)


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "other.json").write_text('{"url": "of somebody else"}')
    (tmp_path / "scratch" / "deploy.json").symlink_to(tmp_path / "other.json")
    with pytest.raises(BadReport, match="leads elsewhere"):
        deploy_facts.read(tmp_path / "scratch")
