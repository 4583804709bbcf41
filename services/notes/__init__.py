"""What agents and people learned on a task and later runs shall know: kept for good, told in part."""
