"""YAML trees to the model."""

from policyc.lowering.project import lower

__all__ = ["lower"]
