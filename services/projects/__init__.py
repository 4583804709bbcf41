"""A workspace with its workflow, environment and budget: made, looked at, moved, archived, deleted."""
