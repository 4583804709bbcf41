"""What `POST /api/aider/execute` is asked and answers."""
