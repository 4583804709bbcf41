"""The only user of git: mirrors, worktrees, checkpoints, commits, diffs and merges."""
