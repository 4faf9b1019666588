"""Search with MetaSearch, read records as features, write a style: run by QGIS's own Python with a task as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsColorRampShader,
    QgsFeatureRequest,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRectangle,
    QgsSettings,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtGui import QColor

SHADERS = {"linear": QgsColorRampShader.Interpolated, "discrete": QgsColorRampShader.Discrete}


class Interface:
    """What MetaSearch asks of QGIS's main window."""

    def __init__(self) -> None:
        self._canvas = QgsMapCanvas()

    def mapCanvas(self) -> QgsMapCanvas:  # noqa: N802 - QGIS's name
        """The map."""
        return self._canvas

    def mainWindow(self) -> None:  # noqa: N802 - QGIS's name
        """No window."""


def search(task: dict) -> dict:
    """The titles that MetaSearch's dialog lists for some words."""
    sys.path.append(str(Path(QgsApplication.pkgDataPath()) / "python" / "plugins"))
    from MetaSearch.dialogs.maindialog import MetaSearchDialog

    settings = QgsSettings()
    settings.setValue("/MetaSearch/here/url", task["url"])
    dialog = MetaSearchDialog(Interface())
    dialog.populate_connection_list()
    dialog.cmbConnectionsSearch.setCurrentIndex(dialog.cmbConnectionsSearch.findText("here"))
    dialog.set_bbox_global()
    dialog.leKeywords.setText(task["words"])
    dialog.search()
    items = [dialog.treeRecords.topLevelItem(n) for n in range(dialog.treeRecords.topLevelItemCount())]
    return {"titles": [item.text(1) for item in items]}


def features(task: dict) -> dict:
    """Titles and boxes of the records that OGC API Features gives, all of them or those in a box."""
    uri = f"pagingEnabled='true' restrictToRequestBBOX='1' typename='records' url='{task['url']}'"
    layer = QgsVectorLayer(uri, "records", "OAPIF")
    assert layer.isValid(), layer.error().summary()
    request = QgsFeatureRequest()
    if "box" in task:
        request.setFilterRect(QgsRectangle(*task["box"]))
    boxes = {}
    for feature in layer.getFeatures(request):
        box = feature.geometry().boundingBox()
        boxes[feature["title"]] = [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()]
    return {"boxes": boxes, "crs": layer.crs().authid()}


def style(task: dict) -> dict:
    """Style a raster with a ramp, and save the style as QML."""
    layer = QgsRasterLayer(task["raster"], "raster")
    assert layer.isValid()
    ramp = QgsColorRampShader(*task["range"], None, SHADERS[task["kind"]])
    ramp.setColorRampItemList(
        [QgsColorRampShader.ColorRampItem(value, QColor(color), str(value)) for value, color in task["stops"]]
    )
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    layer.setRenderer(QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader))
    message, is_saved = layer.saveNamedStyle(task["out"])
    assert is_saved, message
    return {}


def main() -> None:
    """Do the task, and print what came out."""
    task = json.loads(sys.argv[1])
    application = QgsApplication([], True)
    application.initQgis()
    answer = {"search": search, "features": features, "style": style}[task["do"]](task)
    sys.stdout.write(json.dumps({"valid": True, **answer}) + "\n")


main()
