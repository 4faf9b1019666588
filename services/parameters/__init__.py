"""Request parameters that several APIs share, as FastAPI declares them; they become plain values for what is below."""
