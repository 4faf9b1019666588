"""WMS 1.1.1 (OGC 01-068r3) and 1.3.0 (OGC 06-042) over the whole catalogue and each collection.

`map_request` reads GetMap, `colors` its ncWMS habits, `capabilities` describes the layers, `queries` answers with
values and series, `legend` with legends, `faults` with exceptions; `router` is its HTTP. Maps are drawn by
`services.drawing.maps`, as those of OGC API Maps are.
"""
