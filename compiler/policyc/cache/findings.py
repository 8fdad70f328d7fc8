"""Findings as plain data, and back."""

from __future__ import annotations

from typing import Any

from policyc.diagnostics import Diagnostic, Level, Related
from policyc.diagnostics.cures import Act, Edit
from policyc.model import Location

Plain = list[Any]


def to_plain(found: Diagnostic) -> Plain:
    """Lists, text, numbers: what JSON keeps."""
    related = [[_location(one.location), one.message] for one in found.related]
    cures = [[[edit.act.value, _location(edit.location), edit.text, list(edit.to)] for edit in cure] for cure in found.cures]
    return [found.code, found.level.value, found.message, _location(found.location), found.help, related, found.holds, cures]


def from_plain(plain: Plain) -> Diagnostic:
    """The finding that `to_plain` was given."""
    code, level, message, location, help_, related, holds, cures = plain
    others = tuple(Related(_placed(place), text) for place, text in related)
    changes = tuple(tuple(Edit(Act(act), _placed(place), text, tuple(to)) for act, place, text, to in cure) for cure in cures)
    return Diagnostic(code, Level(level), message, _placed(location), help_, others, holds, changes)


def _location(location: Location) -> Plain:
    return [location.file, list(location.path), location.on_key, location.line, location.column]


def _placed(plain: Plain) -> Location:
    file, path, on_key, line, column = plain
    return Location(file, tuple(path), on_key=on_key, line=line, column=column)
