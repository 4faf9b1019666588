"""How bodies are sent: by ranges, in pieces, from files, and only where they have changed."""
