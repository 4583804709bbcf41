"""A person's word to stand still, and to go on: for a run, a task, a project or everything."""
