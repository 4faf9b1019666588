"""`section-transport`: the transport of carbon across lines."""
