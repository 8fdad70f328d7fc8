"""Model to artifacts."""
