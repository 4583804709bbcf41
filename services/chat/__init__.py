"""What people and the hub say to each other about a project and its tasks."""
