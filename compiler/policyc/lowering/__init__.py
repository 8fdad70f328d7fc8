"""YAML trees to the model."""

from policyc.lowering.project import lower, lower_all

__all__ = ["lower", "lower_all"]
