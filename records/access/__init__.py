"""Who may write: tokens."""
