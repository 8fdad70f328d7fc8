"""Names for what comes without a type: from PyYAML, from jsonschema, and from people's files."""

from __future__ import annotations

from typing import Any, TypeAlias

Tree: TypeAlias = Any
"""Plain data: dict, list, str, int, float, bool or None."""
Event: TypeAlias = Any
"""An event of PyYAML's parser."""
Node: TypeAlias = Any
"""A part of a schema."""
Validator: TypeAlias = Any
"""A validator of jsonschema."""
Violation: TypeAlias = Any
"""An error of jsonschema."""
