"""Reading stored cells: opened COGs, strips, windows, mosaics of parts, warps and points."""
