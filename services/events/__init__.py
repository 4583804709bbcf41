"""Append-only facts: written in the transaction that changes a state, read by the board, webhooks and the audit."""
