"""What the pages of records show."""
