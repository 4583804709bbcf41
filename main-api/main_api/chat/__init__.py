"""The chat's working parts: the guide that answers, its stream, and the commands."""
