"""OPeNDAP: DAP 2 and DAP 4 over every dataset (`dap`), and the URLs of ERDDAP's griddap (`griddap`)."""
