"""pygeoapi's core, called in process: OGC API Records and Processes."""
