"""Asks for known holes in every version that is locked: `just audit`. It needs the network.

pip-audit for each lock of requirements/ (OSV_URL: asks that address in OSV's protocol in place of PyPI), npm audit for
the page's. Exit code 1: there are holes. 3: nothing is known, but something could not be looked at.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SECONDS = 300


@dataclass
class Found:
    """`holes` are sentences, `unknown` what could not be asked about."""

    holes: list[str] = field(default_factory=list[str])
    unknown: list[str] = field(default_factory=list[str])
    asked: int = 0


def locks() -> list[Path]:
    """Every file that pins versions."""
    return [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "static" / "package-lock.json"]


def audit(lock: Path) -> Found:
    """One lock file, by the program that knows its kind."""
    return _npm(lock) if lock.suffix == ".json" else _pip(lock)


def read_pip(report: dict[str, Any]) -> Found:
    """pip-audit's JSON."""
    found = Found()
    for one in report["dependencies"]:
        if "skip_reason" in one:
            found.unknown.append(f"{one['name']}: {one['skip_reason']}")
            continue
        found.asked += 1
        for hole in one["vulns"]:
            fixed = ", ".join(hole.get("fix_versions", ())) or "no version yet"
            found.holes.append(f"{one['name']} {one['version']}: {hole['id']}, mended in {fixed}")
    return found


def read_npm(report: dict[str, Any]) -> Found:
    """npm's JSON; an answer without the part on vulnerabilities is none."""
    if "vulnerabilities" not in report:
        return Found(unknown=[str(report.get("message", "no answer"))[:200]])
    holes = [f"{name} {one.get('range', '')}: {one['severity']}" for name, one in report["vulnerabilities"].items()]
    return Found(holes, [], int(report.get("metadata", {}).get("dependencies", {}).get("total", 0)))


def _pip(lock: Path) -> Found:
    source = ["--vulnerability-service", "osv", "--osv-url", os.environ["OSV_URL"]] if os.environ.get("OSV_URL") else []
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), "--no-deps", "--disable-pip", "-f", "json", *source]
    said = _run(command, ROOT)
    return read_pip(said) if "dependencies" in said else Found(unknown=[said["message"]])


def _npm(lock: Path) -> Found:
    npm = shutil.which("npm")
    if npm is None:
        return Found(unknown=["there is no npm here"])
    return read_npm(_run([npm, "audit", "--json", "--package-lock-only"], lock.parent))


def _run(command: list[str], folder: Path) -> dict[str, Any]:
    """What it printed as JSON; `message` alone where it printed none."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"message": f"no answer within {SECONDS} s"}
    except ValueError:
        return {"message": (done.stderr.strip().splitlines() or ["it printed nothing"])[-1][:200]}


def main() -> int:
    holes = unknown = 0
    for lock in locks():
        found = audit(lock)
        print(f"{lock.relative_to(ROOT)}: {found.asked} asked about, {len(found.holes)} holes", flush=True)
        for line in found.holes:
            print(f"  {line}")
        if found.unknown:
            print(f"  {len(found.unknown)} not looked at, the first: {found.unknown[0]}")
        holes, unknown = holes + len(found.holes), unknown + len(found.unknown)
    if holes:
        return 1
    return 3 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
