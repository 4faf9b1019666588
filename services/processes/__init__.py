"""Processes: a module or folder each. `protocol` says what a process is, `registry` names them."""
