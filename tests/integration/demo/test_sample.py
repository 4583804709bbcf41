"""The bundled sample: a real repository whose suite passes, and which has the bug and lacks the features asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.demo.errors import SampleNotCopied
from services.demo.sample_project import SAMPLE, copy_sample, history


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True).stdout


def test_the_copy_is_a_clean_repository_with_a_history(tmp_path: Path) -> None:
    target = copy_sample(tmp_path / "till register")
    assert git(target, "status", "--porcelain", "--ignored") == ""
    subjects = git(target, "log", "--reverse", "--format=%s %an").splitlines()
    assert subjects == [f"{commit['message']} Workflow Hub sample" for commit in history()["commits"]]


def test_two_copies_have_the_same_hashes_whatever_the_person_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = copy_sample(tmp_path / "first")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    (tmp_path / ".gitconfig").write_text(f"[user]\nname = Somebody\n[core]\nhooksPath = {hooks}\nautocrlf = true\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")
    second = copy_sample(tmp_path / "second")
    assert git(first, "rev-parse", "HEAD") == git(second, "rev-parse", "HEAD")


def test_every_file_belongs_to_exactly_one_commit() -> None:
    named = [name for commit in history()["commits"] for name in commit["files"]]
    there = [
        str(path.relative_to(SAMPLE))
        for path in SAMPLE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert sorted(named) == sorted(there)


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(SampleNotCopied, match="not empty"):
        copy_sample(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep me"
    assert not (tmp_path / ".git").exists()


def test_its_own_suite_passes(tmp_path: Path) -> None:
    done = run_pytest(copy_sample(tmp_path / "till"))
    assert done.returncode == 0, done.stdout
    assert "30 passed" in done.stdout


def test_the_bug_is_there_and_the_features_are_not(tmp_path: Path) -> None:
    target = copy_sample(tmp_path / "till")
    proof = """
from datetime import date
from till.day import Day
from till.money import Money
from till.pricelist import Item
day = Day(date(2026, 1, 1), "EUR")
sale = day.new_sale()
sale.add(Item("x", "Thing", Money.of(1, "EUR")))
day.refund(1, Money.of(100, "EUR"))
print(day.takings() - day.refunds.refunded(sale))
"""
    done = subprocess.run([sys.executable, "-c", proof], cwd=target, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "-99.00 EUR"
    assert not (target / "till/report.py").exists()
    assert not (target / "till/export.py").exists()
