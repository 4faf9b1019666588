"""The files of datasets: links to them, checks of them, and those that are watched."""
