"""How ./start.sh builds the page: only when it has to, never in the way of a start, and never half."""

import os
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]
STORY = """
set -euo pipefail
source "$here/scripts/environments.sh"
source "$here/scripts/page.sh"
make_environment() { echo "environment $1" >>"$here/calls"; [ -z "${NO_INDEX:-}" ]; }
page_begin
page_end
echo went on
"""
NODE = """#!/bin/sh
[ "$1" = --version ] && echo v22.12.0 && exit
exit "${NODE_IS_OLD:-0}"
"""
NPM = """#!/bin/sh
echo "npm $*" >>"$CALLS"
if [ -n "$NPM_FAILS" ]; then
  printf '%s\\n' '' 'npm error network: nobody answers' 'npm error A complete log of this run can be found'; exit 1
fi
rm -rf node_modules && mkdir -p node_modules/.bin
cat >node_modules/.bin/vite <<'VITE'
#!/bin/sh
echo "vite $*" >>"$CALLS"
mkdir -p "$3" && echo half >"$3/chat.html"
[ -n "$VITE_FAILS" ] && { echo 'Could not resolve "./App"'; exit 1; }
echo built >"$3/chat.html"
VITE
chmod +x node_modules/.bin/vite
"""


class Checkout:
    """The scripts, a page's sources, and a node and npm that only write down what they were asked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("scripts", "static/src", "bin"):
            (root / name).mkdir(parents=True)
        for name in ("environments.sh", "page.sh"):
            (root / "scripts" / name).write_text((CHECKOUT / "scripts" / name).read_text())
        (root / "static/package.json").write_text("{}")
        (root / "static/package-lock.json").write_text("{}")
        (root / "static/src/App.tsx").write_text("one")
        for name, text in (("node", NODE), ("npm", NPM)):
            (root / "bin" / name).write_text(text)
            (root / "bin" / name).chmod(0o755)

    @property
    def page(self) -> Path:
        return self.root / "static/dist/chat.html"

    @property
    def calls(self) -> list[str]:
        file = self.root / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def start(self, **environment: str) -> str:
        """What a person reads. The start has to go on in any case."""
        (self.root / "calls").unlink(missing_ok=True)
        known = {"PATH": f"{self.root / 'bin'}:/usr/bin:/bin", "HOME": str(self.root), "here": str(self.root)}
        known["CALLS"] = str(self.root / "calls")
        done = subprocess.run(
            ["bash", "-c", STORY], env=known | environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr
        return done.stderr

    def touch(self, name: str, seconds_ago: float) -> None:
        stat = self.page.stat()
        path = self.root / name
        path.touch()
        os.utime(path, (stat.st_mtime - seconds_ago, stat.st_mtime - seconds_ago))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a check out")


def test_a_page_that_is_missing_is_built_and_then_left_alone(checkout: Checkout) -> None:
    assert "✓ Building the page" in checkout.start()
    assert checkout.page.read_text() == "built\n"
    assert [call.split()[:2] for call in checkout.calls] == [["npm", "ci"], ["vite", "build"]]
    for name in ("static/src/App.tsx", "static/package.json", "static/package-lock.json"):
        checkout.touch(name, 60)
    assert checkout.start() == "" and checkout.calls == []


def test_a_changed_source_is_built_again_without_fetching(checkout: Checkout) -> None:
    checkout.start()
    checkout.touch("static/src/App.tsx", -60)
    checkout.start()
    assert [call.split()[0] for call in checkout.calls] == ["vite"]
    checkout.touch("static/package-lock.json", -120)
    (checkout.root / "static/package-lock.json").write_text('{"other": 1}')
    checkout.start()
    assert [call.split()[0] for call in checkout.calls] == ["npm", "vite"]


def test_what_node_modules_holds_is_no_source(checkout: Checkout) -> None:
    checkout.start()
    for name in ("static/src/App.tsx", "static/package.json", "static/package-lock.json"):
        checkout.touch(name, 60)
    checkout.touch("static/node_modules/new.js", -60)
    assert checkout.start() == ""


def test_without_a_network_the_hub_starts_and_says_what_to_do(checkout: Checkout) -> None:
    said = checkout.start(NPM_FAILS="1", WFHUB_OFFLINE="1")
    assert "! The page could not be built: npm error network: nobody answers" in said
    assert "The hub runs without it: its API, wf and the demo." in said
    assert "./start.sh" in said and "page.log" in said
    assert "--offline" in checkout.calls[0]
    assert not checkout.page.exists()
    checkout.start()
    assert checkout.page.read_text() == "built\n", "the next start tries again"


def test_a_build_that_fails_leaves_the_last_page(checkout: Checkout) -> None:
    checkout.start()
    checkout.page.write_text("last build")
    checkout.touch("static/src/App.tsx", -60)
    said = checkout.start(VITE_FAILS="1")
    assert 'Could not resolve "./App"' in said and "shows the page of the last build" in said
    assert checkout.page.read_text() == "last build"


def test_an_old_node_is_replaced_by_one_of_our_own(checkout: Checkout) -> None:
    own = checkout.root / ".venv-node/bin"
    own.mkdir(parents=True)
    for name in ("node", "npm"):
        (own / name).write_text((checkout.root / "bin" / name).read_text())
        (own / name).chmod(0o755)
    checkout.start(NODE_IS_OLD="1")
    assert checkout.calls[0] == f"environment {checkout.root}/.venv-node"
    assert checkout.page.exists()


def test_no_node_and_no_index_is_said(checkout: Checkout) -> None:
    said = checkout.start(NO_INDEX="1", PATH=str(_without_node(checkout.root)))
    assert "There is no Node to build it with, and none could be fetched." in said


def _without_node(root: Path) -> Path:
    """The system's programs but for node and npm."""
    folder = root / "programs"
    folder.mkdir()
    for program in Path("/usr/bin").iterdir():
        if program.name not in ("node", "npm", "npx"):
            (folder / program.name).symlink_to(program)
    return folder


@pytest.mark.parametrize(
    ("version", "fits"),
    [("20.18.9", False), ("20.19.0", True), ("21.7.0", False), ("22.11.0", False), ("22.12.0", True), ("24.0.0", True)],
)
def test_versions_of_node(tmp_path: Path, version: str, fits: bool) -> None:
    """The real question, put to a real node that is told another version."""
    node = next((Path(f) / "node" for f in os.environ["PATH"].split(":") if (Path(f) / "node").exists()), None)
    if node is None:
        pytest.skip("needs node: apt-get install nodejs")
    checkout = Checkout(tmp_path / "checkout")
    faked = checkout.root / "told"
    faked.write_text(
        f'#!/bin/sh\nexec "{node}" -e "Object.defineProperty(process.versions, \'node\', '
        f"{{value: '{version}'}}); $2\"\n"
    )
    faked.chmod(0o755)
    script = 'source "$here/scripts/environments.sh"; source "$here/scripts/page.sh"; node_fits "$here/told"'
    done = subprocess.run(
        ["bash", "-c", script], env={"PATH": "/usr/bin:/bin", "here": str(checkout.root)}, check=False
    )
    assert (done.returncode == 0) is fits
