"""Finding the project, loading YAML, the schema, positions."""
