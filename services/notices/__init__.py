"""Tells a person of what waits while no page is open: a webhook, a command of theirs."""
