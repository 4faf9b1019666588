"""The process `animation`: the times of a field as an animated picture."""
