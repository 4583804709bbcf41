"""Which task gets a run next, decided in one transaction."""
