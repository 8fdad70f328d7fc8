"""A state that can't be read."""

from __future__ import annotations


class StateError(Exception):
    """Why there is no plan, and the way out."""

    def __init__(self, message: str, way_out: str, *, is_usage: bool = True) -> None:
        super().__init__(message)
        self.message = message
        self.way_out = way_out
        self.is_usage = is_usage
        """The command line asked for what isn't there; otherwise something on disk is broken."""
