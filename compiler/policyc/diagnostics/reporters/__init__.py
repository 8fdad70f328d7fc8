"""Reporters: what was found, as text for people and for machines. None prints; each gives text."""

from policyc.diagnostics.reporters.report import Report, Totals, count, shown_folder

__all__ = ["Report", "Totals", "count", "shown_folder"]
