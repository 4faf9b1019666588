"""What a client or an operator meets: HTTP, ingest and the command line. The only layer that composes the others."""
