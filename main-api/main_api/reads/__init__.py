"""The reading side: queries that answer people. Every decision is in `services`."""
