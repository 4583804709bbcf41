"""Which models a piece of work may use, in which order, and why another one than the first did it."""
