"""OGC API Coverages (19-087, draft): subsets of the stored grids in any CRS, as files of many kinds."""
