"""The texts of the API description in Chinese, an area a module."""
