"""Tables that processes publish."""
