"""The front door: landing page, conformance, the collections, the one API description, health."""
