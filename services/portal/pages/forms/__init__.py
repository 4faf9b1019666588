"""What the forms of pages hold."""
