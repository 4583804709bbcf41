"""How bad a finding is, and how urgent that makes its task."""

from enum import StrEnum


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


PRIORITY = {Severity.CRITICAL: 10, Severity.HIGH: 10, Severity.MEDIUM: 7, Severity.LOW: 5}
_ORDER = [Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]


def at_least(severity: Severity, bound: Severity) -> bool:
    return _ORDER.index(severity) >= _ORDER.index(bound)


def priority_of(severities: list[Severity], current: int) -> int:
    """The task's priority (1-10) after findings of these severities: never lower than it was."""
    return max([current, *(PRIORITY[s] for s in severities)])
