"""Numbers with leading zeros, which YAML's versions read differently."""

from __future__ import annotations

from collections.abc import Iterable

from policyc.diagnostics import Diagnostic, error
from policyc.diagnostics.cures import write
from policyc.model import Location
from policyc.source.tree import Built
from policyc.source.wording import quoted


def leading_zeros(file: str, built: Built, found: Iterable[Diagnostic]) -> Iterable[Diagnostic]:
    """A finding for each number that is read as octal elsewhere, where nothing else was found in it."""
    said = {one.location.path for one in found}
    for path, text in built.leading_zeros:
        if path in said:
            continue
        digits = text.lstrip("+-").lstrip("0") or "0"
        octal = f", or 0o{digits} if it is octal" if len(digits) > 1 and set(digits) <= set("01234567") else ""
        message = f"{quoted(text)} is a decimal number with a leading zero, which others read as octal"
        place = Location(file, path)
        choices = [digits, f"0o{digits}"] if octal else [digits]
        cures = [write(place, text) for text in choices]
        yield error("PC0115", message, place, help=f"write {digits}{octal}", cures=cures)
