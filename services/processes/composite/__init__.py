"""`composite`: statistics of calendar periods, climatologies and anomalies, as maps."""
