"""Legends: their content, layout and drawing as PNG and SVG."""
