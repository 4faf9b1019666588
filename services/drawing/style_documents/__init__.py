"""Styles in the languages of other programs: QML of QGIS, SLD 1.0 and MapLibre."""
