"""docs/git-safety.md names the test of each case, and these tests exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("tests/git_safety", "tests/integration/repos", "tests/workflows")


def test_each_case_names_tests_that_exist() -> None:
    text = (ROOT / "docs" / "git-safety.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith(("| case", "| ---"))]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", row)
        assert named, f"no test is named: {row}"
        for file, test in named:
            found = [path for folder in FOLDERS if (path := ROOT / folder / file).exists()]
            assert found, file
            assert any(re.search(rf"def {test or 'test_'}\b", path.read_text()) or not test for path in found), test
