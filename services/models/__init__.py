"""Models: providers, profiles, prices, budgets, token counts, run tokens, and the scripted model."""
