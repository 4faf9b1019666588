"""How many calls and files of the project a request touches."""
