"""Runs of the model-and-tools loop that a person asks for directly, without a task."""
