"""Merges on their way to a project's remote: queued, tried again while it is away, a person's where it refuses."""
