"""Diagnostics: a finding, its code, the catalogue of codes, and the reporters."""

from policyc.diagnostics.diagnostic import Diagnostic, Level, Located, Region, Related, error, note, sort_key, warning

__all__ = ["Diagnostic", "Level", "Located", "Region", "Related", "error", "note", "sort_key", "warning"]
