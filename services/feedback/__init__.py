"""What people tell the agents of a task: said at any moment, heard once."""
