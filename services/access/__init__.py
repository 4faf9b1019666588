"""Access control: who sends a request (`principal`), what they may do (`decision`), and the refusals (`guards`)."""
