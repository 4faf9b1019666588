"""HDF4, HDF-EOS and plain HDF5."""
