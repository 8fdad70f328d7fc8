"""The schemas, and whether a tree is valid.

The fast validator only says yes or no; what is wrong is found by `policyc.source.explain`, in the rare file where something is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from policyc.source.untyped import Tree


@lru_cache
def schema(kind: str) -> dict[str, Any]:
    """The schema of a kind of document: `project`, `collection`, `baseline`, `state` or `tests`."""
    name = f"{kind}.schema.json"
    shipped = Path(__file__).parents[1] / "schema" / name
    # In a checkout the schemas lie at the top level, where editors find them.
    source = shipped if shipped.is_file() else Path(__file__).parents[3] / "schema" / name
    loaded: dict[str, Any] = json.loads(source.read_text("utf-8"))
    return loaded


def is_valid(kind: str, tree: Tree) -> bool:
    """Whether the schema accepts a tree without unusual numbers (`Built.unusual`)."""
    return _validator(kind)(tree)


@lru_cache
def _validator(kind: str) -> Callable[[Any], bool]:
    try:
        import jsonschema_rs
    except ImportError:
        from policyc.source.keywords import strict_validator

        slow: Callable[[Any], bool] = strict_validator(schema(kind)).is_valid
        return slow
    fast: Callable[[Any], bool] = jsonschema_rs.validator_for(schema(kind)).is_valid
    return fast
