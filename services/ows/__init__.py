"""What the OGC web services (WMTS, WMS, WCS, CSW) share: keywords, exceptions, layers, dimensions, values at points."""
