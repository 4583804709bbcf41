"""What an agent is told: built on the server, counted, and trimmed by stated rules."""
