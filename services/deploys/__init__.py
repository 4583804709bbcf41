"""What runs after a merge: a project's deploy command, with what its owner granted it, and what came of it."""
