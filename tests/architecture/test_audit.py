"""`just audit` asks about every lock file, and takes silence for no answer."""

from scripts.audit import ROOT, locks, read_npm, read_pip
from tests.architecture.test_tree import tracked


def test_every_lock_file_is_audited() -> None:
    pinned = {name for name in tracked() if name.startswith("requirements/") and name.endswith(".txt")}
    assert len(pinned) > 8 and {str(lock.relative_to(ROOT)) for lock in locks()} == pinned | {
        "static/package-lock.json"
    }


def test_a_hole_is_told_and_what_was_not_looked_at_is_not_well() -> None:
    report = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": [{"id": "GHSA-1", "fix_versions": ["2"]}]},
            {"name": "b", "version": "1", "vulns": []},
            {"name": "c", "skip_reason": "not found on PyPI"},
        ]
    }
    found = read_pip(report)
    assert (
        found.holes == ["a 1: GHSA-1, mended in 2"] and found.asked == 2 and found.unknown == ["c: not found on PyPI"]
    )
    assert read_npm({"message": "405 Method Not Allowed"}).unknown == ["405 Method Not Allowed"]
    whole = {"vulnerabilities": {"x": {"range": "<2", "severity": "high"}}, "metadata": {"dependencies": {"total": 9}}}
    assert read_npm(whole).holes == ["x <2: high"] and read_npm(whole).asked == 9
