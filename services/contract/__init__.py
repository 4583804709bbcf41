"""What crosses the wire between the orchestrator, agent-api and the gateway."""
