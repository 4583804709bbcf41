"""Reports that a command leaves: found, bounded, parsed strictly, and not believed where they contradict themselves."""
