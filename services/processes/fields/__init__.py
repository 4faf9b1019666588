"""Fields of collections as inputs of processes: in the unit that is needed, at common times, on one grid."""
