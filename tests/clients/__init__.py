"""Real clients against a running demo: QGIS, GDAL, OWSLib, MapLibre in Chromium. A missing client is skipped by name.

Run with `make clients`. `GRATICULE_TEST_CLIENTS_URL` names a demo that runs already; otherwise one is started.
"""
