"""Open a layer with PyQGIS, draw it, sample it, identify a point: run by QGIS's own Python with a task as JSON."""

from __future__ import annotations

import json
import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsLayerDefinition,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRaster,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QDateTime, QSize, Qt
from qgis.PyQt.QtGui import QColor


def opened(task: dict) -> QgsRasterLayer:
    """The layer of an address, or the first one of a layer definition."""
    if "qlr" not in task:
        return QgsRasterLayer(task["uri"], "layer", task.get("provider", "wms"))
    project = QgsProject.instance()
    is_loaded, message = QgsLayerDefinition.loadLayerDefinition(task["qlr"], project, project.layerTreeRoot())
    assert is_loaded, message
    return next(iter(project.mapLayers().values()))


def draw(layer: QgsRasterLayer, task: dict) -> list[str]:
    """Draw the layer on white; returns the errors."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem(task["crs"]))
    settings.setBackgroundColor(QColor(255, 255, 255))
    settings.setOutputSize(QSize(*task["size"]))
    settings.setExtent(QgsRectangle(*task["box"]))
    if "time" in task:
        ends = [QDateTime.fromString(text, Qt.ISODate) for text in task["time"]]
        settings.setIsTemporal(True)
        settings.setTemporalRange(QgsDateTimeRange(*ends))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(task["out"])
    return [error.message for error in job.errors()]


def main() -> None:
    """Do the task, and print what came out."""
    task = json.loads(sys.argv[1])
    application = QgsApplication([], False)
    application.initQgis()
    layer = opened(task)
    answer = {"version": application.applicationVersion(), "valid": layer.isValid(), "name": layer.name()}
    if layer.isValid():
        answer["temporal"] = layer.temporalProperties().isActive()
        answer["attribution"] = layer.attribution()
    if "out" in task:
        answer["errors"] = draw(layer, task)
    if "sample" in task:
        value, is_data = layer.dataProvider().sample(QgsPointXY(*task["sample"]), 1)
        answer["sample"] = value if is_data else None
    if "identify" in task:
        box, size = QgsRectangle(*task["box"]), task["size"]
        point = QgsPointXY(*task["identify"])
        result = layer.dataProvider().identify(point, QgsRaster.IdentifyFormatFeature, box, *size)
        stores = [store for stores in result.results().values() for store in stores]
        features = [feature for store in stores for feature in store.features()]
        names = [field.name() for field in stores[0].fields()]
        answer["identify"] = dict(zip(names, features[0].attributes(), strict=True))
    sys.stdout.write(json.dumps(answer) + "\n")


main()
