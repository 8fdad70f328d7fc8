"""Other people's formats to policy files."""

from policyc.importers.found import Found, Imported, Refused

__all__ = ["Found", "Imported", "Refused"]
