"""The front door: landing page, conformance, collections, API description and health, made of the parts."""
