"""`wf backup` and `wf restore` as a person types them."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.backup.errors import HubNotEmpty, HubRuns, PassphraseRefused
from services.cli.app import app
from services.domain.errors import HubError, InvalidInput
from services.stack import choice, engine, upgrade
from services.stack.containers import ContainerStack
from services.stack.errors import SecretRefused
from services.stack.processes import identify
from services.stack.secrets import ensure_env_file, read_env_file
from services.workflows.migrate import upgrade as upgrade_engine
from tests.integration.backup.conftest import SmallHub
from tests.integration.backup.test_refusals import only, rows

PHRASE = "correct horse battery staple"
pytestmark = only("sqlite")


def wf(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def refused(error: type[HubError], words: str, *arguments: str) -> None:
    said = wf(*arguments).exception
    assert isinstance(said, error), said
    assert words in str(said)
    assert said.way_out


@pytest.fixture
def hub(small_hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> SmallHub:
    """The small hub as the terminal finds it, and the engine brought up to date in this process."""
    root = small_hub.place.home.parent
    ensure_env_file(root / ".env", {})
    monkeypatch.setattr(upgrade, "migrate_engine", lambda _, url, unless_behind=False: upgrade_engine(url) or True)
    for name in ("WFHUB_TOKEN", "WFHUB_SECRET_KEY", "WFHUB_BACKUP_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("ROOT", root), ("HOME", small_hub.place.home)):
        monkeypatch.setenv(f"WFHUB_{name}", str(value))
    monkeypatch.setenv("DATABASE_URL", small_hub.place.database_url)
    return small_hub


def test_a_backup_goes_to_another_hub_with_its_secrets(
    hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, phrase = str(tmp_path / "one.wfbackup"), tmp_path / "phrase"
    refused(PassphraseRefused, "nobody to ask", "backup", file)
    phrase.write_text("short\n")
    refused(PassphraseRefused, "fewer than 12", "backup", file, "--passphrase-file", str(phrase))
    assert not Path(file).exists()
    phrase.write_text(f"{PHRASE}\n")
    done = wf("backup", file, "--passphrase-file", str(phrase))
    assert done.exit_code == 0, done.output
    assert "2 files, 1 repositories, 0 runs in flight; read back and in order" in done.output
    token = read_env_file(tmp_path / ".env")["WFHUB_TOKEN"]
    assert token.encode() not in Path(file).read_bytes()

    refused(HubNotEmpty, "--force", "restore", file, "--passphrase-file", str(phrase))
    other = tmp_path / "other"
    (other / ".wfhub").mkdir(parents=True)
    monkeypatch.setenv("WFHUB_ROOT", str(other))
    monkeypatch.setenv("WFHUB_HOME", str(other / ".wfhub"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{other}/.wfhub/hub.sqlite")
    monkeypatch.setenv("WFHUB_BACKUP_PASSPHRASE", "not the right one")
    refused(PassphraseRefused, "not the passphrase", "restore", file)
    monkeypatch.setenv("WFHUB_BACKUP_PASSPHRASE", PHRASE)
    refused(InvalidInput, "OLD=NEW", "restore", file, "--move", "nonsense")
    monkeypatch.setenv("WFHUB_TOKEN", "another token than that of the backup")
    refused(SecretRefused, "would win over .env", "restore", file)
    monkeypatch.delenv("WFHUB_TOKEN")
    assert not (other / ".env").exists()
    back = wf("restore", file)
    assert back.exit_code == 0, back.output
    assert read_env_file(other / ".env")["WFHUB_TOKEN"] == token
    assert rows(f"sqlite:///{other}/.wfhub/hub.sqlite") == rows(hub.place.database_url)


def test_a_running_hub_is_stopped_only_when_told(hub: SmallHub, tmp_path: Path) -> None:
    file = str(tmp_path / "one.wfbackup")
    assert wf("backup", file, "--without-secrets").exit_code == 0
    running = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    (hub.place.home / "run").mkdir()
    identify(running.pid).write(hub.place.home / "run" / "main-api.pid")
    refused(HubRuns, "The hub runs: main-api", "restore", file)
    assert running.poll() is None
    assert wf("restore", file, "--force").exit_code == 0
    assert running.wait(10) is not None


class Engine:
    """Docker answers."""

    def close(self) -> None:
        """Nothing is open."""


def test_where_docker_answers_it_says_how_what_was_restored_is_started(
    hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start without a word would bring up containers, which have other data."""
    file = str(tmp_path / "one.wfbackup")
    assert wf("backup", file, "--without-secrets").exit_code == 0
    monkeypatch.setattr(engine, "connect", lambda _: Engine())
    there = wf("restore", file, "--force")
    assert there.exit_code == 0, there.output
    assert "./start.sh --local" in " ".join(there.output.split())


def test_a_hub_in_containers_is_refused_before_anything_is_asked(
    hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, phrase = str(tmp_path / "one.wfbackup"), tmp_path / "phrase"
    phrase.write_text(f"{PHRASE}\n")
    assert wf("backup", file, "--passphrase-file", str(phrase)).exit_code == 0
    (hub.place.home / "containers").mkdir()
    monkeypatch.setattr(choice.engine, "answers", lambda _: True)
    monkeypatch.setattr(ContainerStack, "services", lambda _: {"main-api"})
    monkeypatch.setattr(ContainerStack, "status", lambda _: [])
    for force in ([], ["--force"]):
        refused(HubRuns, "containers yet", "restore", file, *force)  # nobody gave the passphrase
