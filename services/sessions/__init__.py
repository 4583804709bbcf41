"""How a browser is let in: links that open once, and the sessions they make. Rows hold hashes, never the secrets."""
