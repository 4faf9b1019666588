"""CSW 2.0.2 (OGC 07-006r1) at `/csw`: KVP by GET, XML by POST, over the same records and search as OGC API Records.

`kvp` and `posted` read a request into one `CswRequest`; `capabilities`, `descriptions` and `records` answer it;
`router` is its HTTP.
"""
