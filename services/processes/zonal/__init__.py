"""The process `zonal-statistics`: statistics of a variable in polygons, at one time or many."""
