"""Secrets of others that the hub keeps for its owner: written once, used, never shown. Rows hold ciphertext alone."""
