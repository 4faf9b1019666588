"""Plain pygeoapi over our plugins, held against the answers of the application."""
