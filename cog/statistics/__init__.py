"""Statistics of cells: of whole series, of regions, weighted, and mergeable summaries."""
