"""Jobs: executions of processes."""
