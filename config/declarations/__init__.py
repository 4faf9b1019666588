"""What operators declare of their datasets in YAML."""
