"""Tests that a change weakened: found by what they check, not by what was said of them."""

import pytest

from services.reviews.narrowed import narrowed
from services.reviews.weakened import hollow, is_hollow, weakened

PATH = "tests/test_sum.py"
OLD = """import pytest
class TestSum:
    def test_adds(self):
        assert add(1, 2) == 3
        assert add(0, 0) == 0
def test_refuses():
    with pytest.raises(ValueError):
        add("a", 1)
"""


def rules(old: str, new: str, path: str = PATH) -> list[tuple[str, str]]:
    return [(one.rule, one.test) for one in weakened({path: old}, {path: new})]


@pytest.mark.parametrize(
    ("was", "becomes", "rule"),
    [
        ("assert add(1, 2) == 3\n        assert add(0, 0) == 0", "pass", "emptied"),
        ("assert add(1, 2) == 3\n        assert add(0, 0) == 0", "assert True\n        assert 1 or x", "emptied"),
        ("assert add(1, 2) == 3\n        assert add(0, 0) == 0", 'assert (add(1, 2) == 3, "said")', "emptied"),
        ("assert add(1, 2) == 3\n        assert add(0, 0) == 0", "x = 3\n        assert x == x", "emptied"),
        ("        assert add(1, 2)", "        return\n        assert add(1, 2)", "emptied"),
        ("        assert add(1, 2) == 3\n        assert add(0, 0) == 0",
         "        try:\n            assert add(1, 2) == 3\n        except Exception:\n            pass", "emptied"),
        ("        assert add(1, 2) == 3\n        assert add(0, 0) == 0",
         "        if False:\n            assert add(1, 2) == 3", "emptied"),
        ("        assert add(0, 0) == 0\n", "", "fewer-checks"),
        ("    def test_adds", "    @pytest.mark.xfail\n    def test_adds", "silenced"),
        ("    def test_adds", "    @pytest.mark.skipif(True, reason='')\n    def test_adds", "silenced"),
        ("        assert add(1, 2)", "        pytest.skip('later')\n        assert add(1, 2)", "silenced"),
        ("class TestSum:", "@unittest.skip('x')\nclass TestSum:", "silenced"),
        ("class TestSum:", "pytestmark = [pytest.mark.skip]\nclass TestSum:", "silenced"),
    ],
)  # fmt: skip
def test_each_way_to_weaken_a_test_is_seen(was: str, becomes: str, rule: str) -> None:
    assert was in OLD
    assert rule in [found for found, test in rules(OLD, OLD.replace(was, becomes)) if test == "TestSum.test_adds"]


def test_other_edits_of_tests_are_not_weakening() -> None:
    assert rules(OLD, OLD) == []
    assert rules(OLD, OLD.replace("== 3", "== 3, 'adds'")) == []
    assert rules(OLD, OLD + "def test_more():\n    assert add(2, 2) == 4\n") == []
    assert rules(OLD, OLD.replace("assert add(0, 0) == 0", "self.assertEqual(add(0, 0), 0)")) == []
    assert rules("x = 1", "x = 2", "src/sums.py") == []


def test_a_test_file_that_stops_being_python_is_told_and_one_that_never_was_is_not() -> None:
    assert rules(OLD, "def (") == [("unreadable", "")]
    assert rules("def (", OLD) == []
    assert rules("(" * 500 + ")" * 500, "x = 1") == []


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        ("a.test.ts", "it('a', () => { expect(f()).toBe(1) })", "it.skip('a', () => {expect(f())})", "silenced"),
        ("a.test.ts", "it('a', () => { expect(f()).toBe(1) })", "it('a', () => {\n // expect(f())\n})", "emptied"),
        ("a_test.go", "if f() != 1 { t.Fatal(1) }\nt.Errorf(2)", "if f() != 1 { t.Fatal(1) }", "fewer-checks"),
        ("src/test/ATest.java", "@Test void a() {assertEquals(1, f());}", "@Disabled @Test void a() {assertEquals(1);}",
         "silenced"),
    ],
)  # fmt: skip
def test_other_languages_by_their_runners_words(path: str, old: str, new: str, rule: str) -> None:
    assert rule in [found for found, _ in rules(old, new, path)]


def test_tests_that_prove_nothing_are_known_by_their_reports_ids() -> None:
    ids = hollow({PATH: OLD.replace("assert add(1, 2) == 3\n        assert add(0, 0) == 0", "pass"), "x.py": "a = 1"})
    assert ids == {"tests.test_sum.TestSum::test_adds"}
    assert is_hollow("tests.test_sum.TestSum::test_adds[1]", ids)
    assert is_hollow("backend.tests.test_sum.TestSum::test_adds", ids)
    assert not is_hollow("tests.test_sum::test_refuses", ids)


@pytest.mark.parametrize(
    ("path", "old", "new", "named"),
    [
        ("pyproject.toml", "[tool.pytest]\n", "[tool.pytest.ini_options]\naddopts = '-q -k \"not slow\"'", "addopts"),
        ("pyproject.toml", None, "[tool.pytest.ini_options]\naddopts = ['--ignore=tests/a.py']", "addopts"),
        ("pytest.ini", "[pytest]\n", "[pytest]\ntestpaths = tests/unit", "testpaths"),
        ("setup.cfg", "[tool:pytest]\n", "[tool:pytest]\npython_files = check_*.py", "python_files"),
        ("conftest.py", "", "def pytest_runtest_makereport(item):\n    return None", "pytest_runtest_makereport"),
        ("tests/conftest.py", None, "collect_ignore = ['test_a.py']", "collect_ignore"),
        ("package.json", '{"scripts": {"test": "vitest run"}}', '{"scripts": {"test": "true"}}', "scripts.test"),
        ("run-tests.sh", "pytest", "true", ""),
        ("jest.config.js", "a", "b", ""),
    ],
)  # fmt: skip
def test_a_narrower_selection_is_seen(path: str, old: str | None, new: str, named: str) -> None:
    assert [one.test for one in narrowed({path: old}, {path: new}, "./run-tests.sh -v")] == [named]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("pyproject.toml", "[project]\nname = 'a'", "[project]\nname = 'a'\ndependencies = ['b']"),
        ("pyproject.toml", "", "[tool.pytest.ini_options]\naddopts = '-q --strict-markers'"),
        ("pyproject.toml", "[tool", "[tool.pytest"),
        ("conftest.py", "", "import pytest\n@pytest.fixture\ndef db():\n    return 1"),
        ("package.json", '{"scripts": {"test": "vitest"}}', '{"scripts": {"test": "vitest", "lint": "eslint ."}}'),
        ("package.json", "[1]", "{broken"),
    ],
)
def test_other_edits_of_settings_are_not_narrowing(path: str, old: str, new: str) -> None:
    assert narrowed({path: old}, {path: new}, "npm test") == []
