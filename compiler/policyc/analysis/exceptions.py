"""The last day of an exception, which its owner answers for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic, error, warning
from policyc.model import Exemption, Project

_SOON = timedelta(days=31)


def exceptions(project: Project, context: Context) -> Iterator[Diagnostic]:
    """An exception past its last day holds its own collection back; the last day itself is good."""
    for collection in project.collections:
        for exemption in collection.exemptions:
            left = exemption.expires - context.as_of
            place = exemption.location.below("expires")
            what = f"The exception of '{collection.name}' from {_settings(exemption)}"
            way_out = (
                f"ask '{exemption.owner}'{_decided(exemption)}: renew it with a later day, or take it out and the "
                f"setting{'s are' if len(exemption.settings) > 1 else ' is'} enforced again"
            )
            if left < timedelta(0):
                message = f"{what} ended on {exemption.expires} (today is {context.as_of})"
                yield error("PC0420", message, place, help=way_out, holds=collection.slug)
            elif left <= _SOON:
                yield warning("PC0421", f"{what} ends on {exemption.expires}: {_days(left.days)}", place, help=way_out)


def _settings(exemption: Exemption) -> str:
    first, *more = exemption.settings
    return f"'{first}'" + (f" and {len(more)} more" if more else "")


def _decided(exemption: Exemption) -> str:
    return "" if exemption.ticket is None else f" (ticket {exemption.ticket})"


def _days(left: int) -> str:
    return "today is its last day" if not left else "one day is left" if left == 1 else f"{left} days are left"
