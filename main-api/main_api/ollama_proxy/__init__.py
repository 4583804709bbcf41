"""Ollama for the owner's other tools: passed on as it is, with the owner's token, and logged like the runs' calls."""
