"""The forms of processes: their controls, what these offer, examples, and the route that takes a form."""
