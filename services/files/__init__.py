"""Big things as files named by their SHA-256: streamed in, kept once, checked when read, shown small."""
