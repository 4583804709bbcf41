"""The hub's rooms: one folder per noun, and no web framework."""
