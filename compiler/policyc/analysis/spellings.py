"""Names that are one slip of the pen away from each other."""

from __future__ import annotations

from collections.abc import Iterable

_SHORTEST = 5
"""Shorter names differ by one letter without being the same name."""


class Spellings:
    """Known names, found again by a name that is one slip away."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_form: dict[str, list[str]] = {}
        for name in names:
            for form in _forms(name):
                self._by_form.setdefault(form, []).append(name)

    def nearest(self, name: str) -> str | None:
        """The name that was probably meant.

        One letter too many, too few, another, or two swapped; case, spaces and punctuation don't count. Names
        whose digits differ (`Ring 1`, `Ring 2`) are different names.
        """
        found = (known for form in _forms(name) for known in self._by_form.get(form, ()))
        return next((known for known in found if _digits(known) == _digits(name)), None)


def _forms(name: str) -> list[str]:
    """The name without all but letters and digits, and each way to leave out one character more."""
    plain = "".join(filter(str.isalnum, name)).casefold()
    if len(plain) < _SHORTEST:
        return [plain]
    return [plain, *(plain[:at] + plain[at + 1 :] for at in range(len(plain)))]


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))
