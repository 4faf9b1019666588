"""Source formats: one adapter each behind `cog.sources.protocol.Source`; `cog.sources.opening` chooses by content."""
