"""Scanners of dependencies: what is known of the versions that lock files pin. They need the network, and say when
they cannot look."""

import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, cast

from agent_api.cage.policy import CageLimits
from agent_api.cage.run import run_caged
from agent_api.confine import Workspace
from agent_api.errors import HubError
from agent_api.executors import Job
from agent_api.executors.environment import network_environment
from agent_api.executors.scanned_files import shown
from agent_api.settings import find_program
from services.contract.run_result import ReportedFinding, Severity

_LARGEST_LOCK = 20_000_000
_MOST_LOCKS = 20
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;*,]+)")
_PYTHON_LOCKS = frozenset({"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "requirements.txt"})
_NODE_LOCKS = frozenset({"package-lock.json", "npm-shrinkwrap.json"})
_NPM: dict[str, Severity] = {"critical": "critical", "high": "high", "moderate": "medium", "low": "low", "info": "low"}


class NotRun(Exception):
    """The scanner could not look; its words say why, after "pip-audit was not run: "."""


async def audit(
    job: Job, folder: Path, scanner: str, files: Iterable[str], network: bool
) -> tuple[list[ReportedFinding], Any]:
    """Findings and the tools' own reports. Raises NotRun: without the network, a lock file, the tool or an answer."""
    names = _PYTHON_LOCKS if scanner == "pip-audit" else _NODE_LOCKS
    locks = [name for name in files if PurePosixPath(name).name in names][:_MOST_LOCKS]
    if not locks:
        raise NotRun(f"no lock file that it reads ({', '.join(sorted(names))})")
    if not network:
        raise NotRun("the project's owner does not let it use the network (settings.audit_network)")
    look = _pip if scanner == "pip-audit" else _npm
    findings: list[ReportedFinding] = []
    reports: dict[str, Any] = {}
    for lock in locks:
        found, reports[lock] = await look(job, folder, lock)
        findings += found
    return findings, reports


async def _pip(job: Job, folder: Path, lock: str) -> tuple[list[ReportedFinding], Any]:
    pins = sorted(set(_pins(lock, _read(folder, lock))))
    if not pins:
        raise NotRun(f"{lock} pins no version")
    listed = job.scratch / "pins.txt"
    listed.write_text("".join(f"{name}=={version}\n" for name, version in pins))
    argv = [sys.executable, "-I", "-m", "pip_audit", "-r", str(listed), "--no-deps", "--disable-pip", "-f", "json"]
    argv += [
        "--progress-spinner",
        "off",
        "--cache-dir",
        str(job.scratch / "pip-audit"),
        "--desc",
        "on",
        "--timeout",
        "10",
    ]
    if url := job.settings.osv_url:
        argv += ["--vulnerability-service", "osv", "--osv-url", url]
    report = await _run(job, folder, "pip-audit", argv)
    findings: list[ReportedFinding] = []
    for package in cast("list[dict[str, Any]]", report["dependencies"]):
        for hole in package.get("vulns", []):
            fixed = ", ".join(hole.get("fix_versions") or []) or "no version yet"
            said = f"{str(hole.get('description', ''))[:3_000]}\nFixed in: {fixed}."
            findings.append(_hole("pip-audit", lock, package["name"], package["version"], hole["id"], "high", said))
    return findings, report


async def _npm(job: Job, folder: Path, lock: str) -> tuple[list[ReportedFinding], Any]:
    npm = find_program("npm")
    if npm is None:
        raise NotRun("npm is not installed on this machine")
    # Away from the code under judgement: its .npmrc could name another registry, or leave dependencies out.
    place = job.scratch / f"audit-{hashlib.sha256(lock.encode()).hexdigest()[:12]}"
    place.mkdir(exist_ok=True)
    manifest = str(PurePosixPath(lock).with_name("package.json"))
    for path in (lock, manifest):
        (place / PurePosixPath(path).name).write_text(_read(folder, path))
    argv = [str(npm), "audit", "--json", "--package-lock-only"]
    report = await _run(job, place, "npm-audit", argv)
    findings: list[ReportedFinding] = []
    for name, one in cast("dict[str, dict[str, Any]]", report["vulnerabilities"]).items():
        for via in one.get("via", []):
            if isinstance(via, dict):  # a name alone points to the package that has the hole
                hole = cast("dict[str, Any]", via)
                said = f"{hole.get('title', '')} {hole.get('url', '')} Versions {hole.get('range', '')}.".strip()
                ident = str(hole.get("source") or hole.get("url") or hole.get("title"))
                severity = _NPM.get(str(hole.get("severity")), "medium")
                findings.append(_hole("npm-audit", lock, name, str(one.get("range", "")), ident, severity, said))
    return findings, report


def _hole(
    tool: str, lock: str, package: str, version: str, ident: str, severity: Severity, said: str
) -> ReportedFinding:
    key = "\0".join((tool, lock, package, ident))
    return ReportedFinding(
        tool=tool,
        rule=ident[:200],
        severity=severity,
        title=f"{package} {version} has a known hole: {ident}"[:300],
        message=said,
        file=shown(lock),
        fingerprint=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _read(folder: Path, lock: str) -> str:
    with Workspace(folder) as inside:
        try:
            return inside.read_bytes(lock, _LARGEST_LOCK)[0].decode("utf-8", "replace")
        except HubError as error:
            raise NotRun(f"{lock} cannot be read") from error


def _pins(lock: str, text: str) -> list[tuple[str, str]]:
    """Names and exact versions. Raises NotRun for a lock file that is broken."""
    try:
        if lock.endswith("requirements.txt"):
            return [(found[1], found[2]) for line in text.splitlines() if (found := _PINNED.match(line.strip()))]
        if lock.endswith("Pipfile.lock"):
            whole = json.loads(text)
            listed = [*whole.get("default", {}).items(), *whole.get("develop", {}).items()]
            return [(name, str(one["version"]).removeprefix("==")) for name, one in listed if "version" in one]
        packages = tomllib.loads(text).get("package", [])
        locals_ = ("editable", "virtual", "directory", "path")
        return [
            (str(one["name"]), str(one["version"]))
            for one in packages
            if "version" in one and not any(key in (one.get("source") or {}) for key in locals_)
        ]
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise NotRun(f"{lock} is broken ({str(error)[:120]})") from error


async def _run(job: Job, folder: Path, name: str, argv: list[str]) -> Any:
    """The tool in the cage, with the network and the folder read-only. Exit codes tell of findings: its JSON counts."""
    limits = job.spec.limits
    etc = [Path("/etc") / part for part in ("hosts", "resolv.conf", "ssl", "ca-certificates", "pki")]
    given = network_environment()
    shown = [*etc, *(Path(given[key]) for key in ("SSL_CERT_FILE", "SSL_CERT_DIR") if given.get(key)), folder]
    written = tuple(path for path in job.cage.read_write if path == job.cage.tmp)
    done = await run_caged(
        argv,
        cwd=folder,
        cage=replace(
            job.cage,
            read_only=(*job.cage.read_only, *(path for path in shown if path.exists())),
            read_write=written,
            protected=(),
            network=True,
        ),
        limits=CageLimits(
            seconds=min(limits.run_seconds, job.settings.audit_seconds),
            output_bytes=50_000_000,
            memory_bytes=limits.memory_bytes,
            processes=limits.processes,
        ),
        env={"npm_config_cache": str(job.scratch / "npm"), "npm_config_update_notifier": "false",
             "npm_config_fetch_retries": "0"} | given,
        path_first=(Path(argv[0]).parent,) if Path(argv[0]).is_absolute() else (),
        on_spawn=job.own_group,
        split_errors=True,
    )  # fmt: skip
    said = (done.errors or done.output).decode(errors="replace").strip()
    try:
        report = json.loads(done.output)
        report["dependencies" if name == "pip-audit" else "vulnerabilities"]
    except (ValueError, KeyError, TypeError) as error:
        job.keep(f"{name}.log", "log", said.encode(), "text/plain")
        why = (
            f"stopped at its {done.stopped_by.replace('_', ' ')}"
            if done.stopped_by
            else (said.splitlines() or ["silent"])[-1]
        )
        raise NotRun(f"it gave no report ({why[:300]})") from error
    return report
