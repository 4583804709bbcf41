"""Whether a hub of an older version, killed with tasks at every stage, is finished by this one:
`python -m scripts.upgrade_check [COMMIT] [--keep-backup FILE]`, or `just upgrade-check`.

The older version comes from git, into a worktree of its own; the environment is the present one. Without COMMIT it is
the last one that stood at another migration. `--keep-backup` also keeps a backup that the older version made, which is
how the one under tests/support was made.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from services.stack.secrets import ensure_env_file
from services.stack.settings import StackSettings
from services.stack.upgrade import migrate
from services.store.migrate import current_revision, newest_revision
from tests.support.upgraded import finish

CHECKOUT = Path(__file__).resolve().parents[1]
READY_SECONDS = 240


def git(*args: str, folder: Path = CHECKOUT) -> str:
    done = subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def rooms_of(code: Path) -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(map(str, (code, code / "main-api", code / "agent-api")))}


def before_the_last_migration() -> str:
    """The parent of the commit that brought the newest migration."""
    (newest,) = (CHECKOUT / "alembic" / "versions").glob(f"{newest_revision()}*.py")
    added = git("log", "--diff-filter=A", "--format=%H", "--", str(newest.relative_to(CHECKOUT))).splitlines()
    return f"{added[-1]}^" if added else "HEAD"


def leave_hub(code: Path, settings: StackSettings, workspace: Path, backup: Path | None) -> None:
    """The older version's orchestrator at work, killed where `old_hub` says that it is ready."""
    room = dict.fromkeys(("WORKER_CONCURRENCY", "PROJECT_CONCURRENCY", "AGENT_CAPACITY"), "30")
    environment = os.environ | rooms_of(code) | room
    program = str(CHECKOUT / "tests" / "support" / "old_hub.py")
    command = [sys.executable, program, str(settings.home), str(workspace), settings.database_url]
    command += [str(backup)] if backup is not None else []
    log = settings.home.parent / "older.log"
    with log.open("w") as told, subprocess.Popen(
        command, cwd=code, env=environment, stdout=subprocess.PIPE, stderr=told, text=True, start_new_session=True
    ) as process:  # fmt: skip
        assert process.stdout is not None
        signal.alarm(READY_SECONDS)
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.strip() == "ready":
                break
        signal.alarm(0)
        os.killpg(process.pid, signal.SIGKILL)
    if not lines or lines[-1].strip() != "ready":
        sys.exit(f"The older version did not get there:\n{''.join(lines[-20:])}{log.read_text()[-3000:]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("commit", nargs="?", default=None)
    parser.add_argument("--keep-backup", type=Path)
    given = parser.parse_args()
    commit = git("rev-parse", "--short", given.commit or before_the_last_migration())
    with tempfile.TemporaryDirectory(prefix="wfhub-upgrade-") as folder:
        root, code = Path(folder), Path(folder) / "older"
        git("worktree", "add", "--quiet", "--detach", str(code), commit)
        try:
            ensure_env_file(root / ".env", {})
            settings = StackSettings.load(root, rooms_of(CHECKOUT) | {"PATH": os.environ["PATH"]})
            settings.home.mkdir(parents=True, exist_ok=True)
            workspace = root / "work space"
            leave_hub(code, settings, workspace, given.keep_backup)
            was = current_revision(settings.database_url)
            print(f"{commit} stood at migration {was}, and was killed with tasks at every stage")
            migrate(settings, print)
            asyncio.run(finish(settings.database_url, settings.home, workspace))
        finally:
            git("worktree", "remove", "--force", str(code))
    print(f"this version, at {newest_revision()}, finished them: one merge each, in the workflow they began in")
    return 0


if __name__ == "__main__":
    sys.exit(main())
