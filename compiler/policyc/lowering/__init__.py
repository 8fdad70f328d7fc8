"""YAML trees to the model."""
