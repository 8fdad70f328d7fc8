"""`resolved.yaml`: what a review sees of a collection when something that it shares with others has changed."""

from __future__ import annotations

from policyc.model import Collection
from policyc.resolved.collection import collection_tree
from policyc.resolved.yaml_text import yaml_text

FILE = "resolved.yaml"
_HEAD = "# What the policies say together of this collection, to be read in reviews and by `policyc plan`.\n"


def snapshot(collection: Collection) -> bytes:
    """The file's content: the same for the same policy, whatever was edited around it."""
    return (_HEAD + yaml_text(collection_tree(collection))).encode("utf-8")
