"""Answers questions from a record: its facts, which of them matter, and whether an answer rests on them."""
