"""Files that hold registry data: `.reg`, Group Policy's `registry.pol`, hives. Bytes in, entries out, nothing judged."""

from policyc.registry_files.entries import Action, Entry, FormatError, RawValue

__all__ = ["Action", "Entry", "FormatError", "RawValue"]
