"""Publishing: the variables, records and granules that one commit makes visible."""
