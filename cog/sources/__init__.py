"""Source formats: one adapter each behind `cog.sources.protocol.GridSource`, chosen by content in `opening`."""
