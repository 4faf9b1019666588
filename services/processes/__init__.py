"""Processes: one module each. `registry` names them, `child` and `runner` execute them."""
