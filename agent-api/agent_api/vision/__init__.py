"""Pictures told in words, by a model that sees."""
