"""Starting other programs."""
