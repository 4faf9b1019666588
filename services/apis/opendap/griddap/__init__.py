"""The URLs of ERDDAP's griddap over every dataset that has a place in it: what erddapy and rerddap scripts know.

Axes have ERDDAP's names (`time` in seconds since 1970, `altitude` or `depth`, `latitude`, `longitude`) and rise.
"""
