"""The hub's side of agent-api."""
