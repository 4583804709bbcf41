"""The hub's nouns and their legal moves. Imports nothing of ours and does no I/O."""
