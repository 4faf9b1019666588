"""`air-sea-co2-flux`: the flux of CO2 between sea and air by the bulk formula, as maps."""
