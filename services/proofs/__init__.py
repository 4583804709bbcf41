"""Evidence: files named by their hash, rows that say what they prove."""
