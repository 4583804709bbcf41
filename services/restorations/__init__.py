"""A person brings a task's git state back: a merge undone, a branch rolled back, an old branch recovered."""
