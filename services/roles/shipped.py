"""Where the texts lie that come with the hub."""

from pathlib import Path

ROLES = Path(__file__).with_name("roles.yaml")
WORKFLOWS = Path(__file__).with_name("workflows")
