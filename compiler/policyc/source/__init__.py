"""Finding the project, loading YAML, the schema, positions."""

from policyc.source.project import Document, Documents, Sources, load_file, load_project, locate, located
from policyc.source.schema import schema

__all__ = ["Document", "Documents", "Sources", "load_file", "load_project", "locate", "located", "schema"]
