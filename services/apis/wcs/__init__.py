"""WCS 2.0.1 (OGC 09-110r4) and 1.0.0 (OGC 03-065r6) over the whole catalogue and each collection.

`coverages` names coverages and their axes, `gml` describes them, `posted` reads requests in XML as keywords, `trimming`
lays out what GetCoverage means and `old_trimming` what 1.0.0 means by it, `answers` writes files; `capabilities` and
`old_documents` describe the service; `router` is its HTTP.
"""
