"""A collection's policy with all layers joined: as data that says what holds, and where each value comes from."""

from policyc.resolved.collection import changed_by, head_tree, source_of, with_source
from policyc.resolved.settings import Value, values
from policyc.resolved.snapshot import FILE, snapshot
from policyc.resolved.yaml_text import yaml_text

__all__ = ["FILE", "Value", "changed_by", "head_tree", "snapshot", "source_of", "values", "with_source", "yaml_text"]
