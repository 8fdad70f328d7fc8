"""Configuration items from a ConfigMgr site: a cabinet, or a digest that was taken out of one."""

from policyc.importers.cab.reading import read, read_set

__all__ = ["read", "read_set"]
