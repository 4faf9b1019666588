"""Published datasets: their values, how they are stored, selected and cached."""
