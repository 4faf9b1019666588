"""Middleware: one small ASGI class a file; `services.stack` puts them in order."""
