"""Shared by every route: the context, dependencies, errors, negotiation, links and middleware."""
