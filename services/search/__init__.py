"""Find tasks by their words: titles, descriptions, comments."""
