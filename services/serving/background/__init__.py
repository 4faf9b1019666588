"""The processes beside the web workers: harvests, series, the check of files, watched folders."""
