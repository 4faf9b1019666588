"""The command line. `main` holds the table of commands; each module beside it is one command or group of commands."""
