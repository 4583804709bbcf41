"""How the hub is: each part looked at on its own, within a time that a person waits."""

from main_api.health.whole import HealthWatch

__all__ = ["HealthWatch"]
