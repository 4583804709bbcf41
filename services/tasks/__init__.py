"""Decisions about tasks: how they enter stages, who owns them, what they wait for."""
