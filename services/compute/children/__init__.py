"""Child processes: the one way in which this project runs code that may crash, hang or exhaust its memory.

`template` is a process that has imported what the calls need and forks a child within milliseconds; `child` is the
parent's end of such a child, `call` what it performs, `runner` its loop. `pool` runs many calls in several children.
"""
