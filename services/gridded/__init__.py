"""A dataset as arrays with CF metadata, for the standards that serve hyperslabs of arrays: OPeNDAP, Zarr, EDR.

`arrays` says what there is (dimensions, coordinates, fields, attributes; the same names as in a NetCDF coverage),
`building` makes it of the catalogue, `store` keeps it while the dataset has that version, `reading` reads cells.
"""
