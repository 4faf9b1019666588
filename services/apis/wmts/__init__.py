"""WMTS 1.0.0 (OGC 07-057r7) over the whole catalogue and each collection: KVP and REST.

`tile_request` reads what a request means, `capabilities` describes the layers, `feature_info` answers with values, and
`router` is its HTTP. Tiles take the tile lane of `services.drawing.tiles`.
"""
