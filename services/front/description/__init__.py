"""The OpenAPI document of every public route, in English and Chinese."""
