"""Finding the project, loading YAML, the schema, positions."""

from policyc.source.project import Document, Documents, Packed, Sources, load_file, load_packed, load_project, locate, located
from policyc.source.schema import schema

__all__ = [
    "Document",
    "Documents",
    "Packed",
    "Sources",
    "load_file",
    "load_packed",
    "load_project",
    "locate",
    "located",
    "schema",
]
