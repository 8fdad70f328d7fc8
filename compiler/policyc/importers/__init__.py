"""Other people's formats to policy files."""

from policyc.importers.found import Found, Imported, MissingPackageError, Refused, SetError

__all__ = ["Found", "Imported", "MissingPackageError", "Refused", "SetError"]
