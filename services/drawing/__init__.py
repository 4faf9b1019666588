"""Drawing: from cells to pictures, tiles and legends."""
