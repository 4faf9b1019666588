"""Charts of numbers, by matplotlib: scatter, density, series, sections. Imported where one is drawn: it takes 2 s."""
