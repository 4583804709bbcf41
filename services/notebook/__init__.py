"""`.workflow/` in a workspace: tasks, logs and checkpoints as plain files, readable without the hub."""
