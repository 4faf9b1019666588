"""The answers of EDR queries in each of their formats."""
