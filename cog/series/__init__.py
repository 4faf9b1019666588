"""Long series of one variable: its COGs read by their own directories, and parts that lie the other way, by time."""
