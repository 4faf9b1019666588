"""What every route shares: the context, dependencies, errors, negotiation, links and middleware."""
