"""What one run passes to the next, moved by people and agents from outside."""
