"""Draw an XYZ layer with PyQGIS: run by QGIS's own Python, `qgis_draw.py XYZ_URL OUT.png WEST SOUTH EAST NORTH`."""

from __future__ import annotations

import sys
from urllib.parse import quote

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor


def main() -> int:
    """Draw; exit 1 if the layer is invalid or an error was reported."""
    url, out, *box = sys.argv[1:]
    application = QgsApplication([], False)
    application.initQgis()
    layer = QgsRasterLayer(f"type=xyz&url={quote(url, safe=':/{}')}&zmin=0&zmax=8", "layer", "wms")
    if not layer.isValid():
        print("the layer is not valid", layer.error().summary(), file=sys.stderr)
        return 1
    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    to_mercator = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), mercator, QgsProject.instance())
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(mercator)
    settings.setBackgroundColor(QColor(255, 255, 255))
    settings.setOutputSize(QSize(512, 512))
    settings.setExtent(to_mercator.transformBoundingBox(QgsRectangle(*(float(v) for v in box))))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    for error in job.errors():
        print(error.message, file=sys.stderr)
    job.renderedImage().save(out)
    print("drawn by QGIS", application.applicationVersion())
    return 1 if job.errors() else 0


sys.exit(main())
