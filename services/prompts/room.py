"""How much of a model's context a prompt may take."""

PROTOCOL_TOKENS = 1_200  # what Aider's or the tool loop's own instructions take of the context


def room_of(context_tokens: int, max_output_tokens: int) -> int:
    """Tokens for the prompt and the files with it."""
    return context_tokens - max_output_tokens - PROTOCOL_TOKENS
