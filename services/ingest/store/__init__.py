"""The store of assets: staging, garbage collection, verification and locks."""
