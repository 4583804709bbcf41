"""Which paths are tests, and which decide what tests are run: by the names that test runners look for."""

import re
from pathlib import PurePosixPath

_FOLDERS = frozenset({"tests", "test", "__tests__", "spec", "specs", "e2e", "testing"})
_NAMES = re.compile(
    r"""
    ^test_.*\.py$ | .*_test\.(py|go|rb|dart|exs|cc|cpp|c|rs)$ | ^tests?\.py$      # pytest, unittest, go, …
    | .*[._-](test|spec|cy|e2e)\.[cm]?[jt]sx?$ | .*_spec\.rb$ | .*_test\.exs$     # jest, vitest, mocha, rspec
    | .*(Test|Tests|TestCase|IT|Spec)\.(java|kt|kts|groovy|scala|cs|fs|vb|php|swift)$ | ^Test[A-Z].*\.(java|kt)$
    | .*\.(bats|t|feature)$
    """,
    re.VERBOSE,
)
# What runs before tests, or says which of them run. Manifests (pyproject.toml, package.json) do that among much else.
_SETTINGS = re.compile(
    r"""
    ^(conftest\.py | pytest\.ini | \.pytest\.ini | tox\.ini | noxfile\.py | \.coveragerc | sitecustomize\.py
    | usercustomize\.py | (jest|vitest|karma|playwright|cypress|wdio|ava)\.(config|conf|setup)\.[cm]?[jt]s(on)?
    | \.mocharc(\..*)? | phpunit\.xml(\.dist)? | \.rspec | spec_helper\.rb | nextest\.toml)$
    """,
    re.VERBOSE,
)
MANIFESTS = frozenset({"pyproject.toml", "setup.cfg", "package.json"})


def is_test(path: str) -> bool:
    """Whether the path (with `/`, below the workspace) is a test, or lies in a folder of tests."""
    parts = PurePosixPath(path).parts
    return bool(parts) and (any(part in _FOLDERS for part in parts[:-1]) or bool(_NAMES.match(parts[-1])))


def is_test_setting(path: str) -> bool:
    """Whether the path decides how or which tests are run, and does nothing else."""
    return bool(_SETTINGS.match(PurePosixPath(path).name))


def belongs_to_tests(path: str) -> bool:
    """What a base's own tests need to be run as they were."""
    return is_test(path) or is_test_setting(path)
