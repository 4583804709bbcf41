"""A finding of the hub itself."""

import hashlib

from services.contract.run_result import ReportedFinding, Severity


def fault(
    tool: str, rule: str, severity: Severity, title: str, message: str, file: str | None = None
) -> ReportedFinding:
    """One that its title names: the same title again is the same finding."""
    return ReportedFinding(
        tool=tool,
        rule=rule,
        severity=severity,
        title=title,
        message=message,
        file=file,
        fingerprint=fingerprint(tool, rule, title),
    )


def fingerprint(*parts: str) -> str:
    """What makes two findings the same one: 32 hexadecimal digits of these parts."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
