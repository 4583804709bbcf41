"""Makes what is kept for metrics anew, out of the facts."""
