"""`export`: a collection as files, larger than a request may answer."""
