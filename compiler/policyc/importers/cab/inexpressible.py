"""What no policy can say."""

from __future__ import annotations


class InexpressibleError(Exception):
    """Why a setting of the site is left out, as the reader of the report is told."""
