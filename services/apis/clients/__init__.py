"""Files that open a dataset in a program: layers and connections of QGIS, catalogues of TerriaJS, a map of ArcGIS."""
