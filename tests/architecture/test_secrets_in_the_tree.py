"""No secret is committed: every tracked file is scanned, and what only looks like one is listed in secrets.txt."""

import re
from pathlib import Path

from detect_secrets.core.plugins.initialize import from_plugin_classname
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.plugins.keyword import DENYLIST
from detect_secrets.settings import transient_settings

from tests.architecture.test_tree import CHECKOUT, tracked

KNOWN = Path(__file__).with_name("secrets.txt")
# Hashes of packages, generated types, pictures and packed files, and what fuzzers made up.
NOT_READ = ("requirements/", "static/package-lock.json", "static/src/api/schema.d.ts", "tests/fuzzing/inputs/",
            "tests/kill/results.json")  # fmt: skip
ENDINGS = (".png", ".wfbackup", ".svg", ".ico", ".woff2")
KINDS = (  # not those by entropy: what they guess is hardly ever a secret
    "AWSKeyDetector", "BasicAuthDetector", "GitHubTokenDetector", "GitLabTokenDetector", "JwtTokenDetector",
    "KeywordDetector", "NpmDetector", "OpenAIDetector", "PrivateKeyDetector", "PypiTokenDetector", "SlackDetector",
)  # fmt: skip


def found_in(names: list[str]) -> dict[str, set[str]]:
    """For each file with something in it `kind hash` of each; a hash tells nothing of the secret."""
    secrets = SecretsCollection(root=str(CHECKOUT))
    with transient_settings({"plugins_used": [{"name": name} for name in KINDS], "filters_used": FILTERS}):
        signs = [re.compile("|".join(DENYLIST), re.IGNORECASE)]
        for name in KINDS:
            signs += getattr(from_plugin_classname(name), "denylist", [])
        for name in names:
            text = (CHECKOUT / name).read_text(encoding="utf-8", errors="replace")
            if any(sign.search(text) for sign in signs):  # its own readers are slow, and five files in six have no sign
                secrets.scan_file(name)
    return {name: {f"{one.type} {one.secret_hash}" for one in found} for name, found in secrets.data.items()}


FILTERS = [
    {"path": f"detect_secrets.filters.heuristic.{name}"}
    for name in ("is_templated_secret", "is_indirect_reference", "is_not_alphanumeric_string", "is_sequential_string")
]


def test_the_tree_holds_no_secret() -> None:
    names = [name for name in tracked() if not name.startswith(NOT_READ) and not name.endswith(ENDINGS)]
    found = {f"{name}: {one}" for name, many in found_in(names).items() for one in many}
    known = set(KNOWN.read_text(encoding="utf-8").splitlines())
    assert found - known == set(), "a secret? If it only looks like one, add its line to tests/architecture/secrets.txt"
    assert known - found == set(), "these are gone: take their lines out of tests/architecture/secrets.txt"


def test_a_planted_secret_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "settings.py"
    planted.write_text(f'KEY = "AKIA{"QYLPMN5HGTRWFD2K"}"\npassword = "{"hunter2" * 3}"\n')
    kinds = {one.rpartition(" ")[0] for one in found_in([str(planted)])[str(planted)]}
    assert kinds == {"AWS Access Key", "Secret Keyword"}
