"""What Windows takes in a value and hardly anybody means: a warning with the meant form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyc.diagnostics import Diagnostic, warning
from policyc.kinds.registry.places import KeyPlace
from policyc.model import Kind, Location
from policyc.vocabularies import KnownValue, known_value, value_at_end

_DEFAULT = frozenset({"@", "(default)", "(standard)", "(par défaut)", "(predeterminado)", "(既定)", "(默认)", "(по умолчанию)"})
"""The default value as `.reg` files and the registry editor's languages show it."""


def oddities(registry: dict[str, Any], key: KeyPlace, kind: Kind | None, at: Location) -> Iterator[Diagnostic]:
    """What is odd about a setting's value, whose mapping `registry` stands at `at`."""
    value = value_at_end(key.hive, key.key)
    if value is not None:
        above = key.key.rpartition("\\")[0]
        yield warning(
            "PC0345",
            f"'{value.name}' at the end of the key is the name of a value to Windows, not a key",
            at.below("key"),
            help=f"write 'key: {key.hive}\\{above}' and 'name: {value.name}'",
        )
    name = registry.get("name")
    if not name:
        return
    if name.casefold() in _DEFAULT:
        message = f"a value that is called '{name}' is another one than the key's default value"
        yield warning("PC0344", message, at.below("name"), help="write 'name: \"\"' for the default value")
    elif name != name.strip():
        message = f"the name '{name}' has a blank at its edge, which is part of the name to Windows"
        yield warning(
            "PC0343", message, at.below("name"), help=f"write '{name.strip()}'" if name.strip() else "write 'name: \"\"'"
        )
    known = known_value(key.hive, key.key, name)
    if known is not None and kind is not None and kind is not known.kind and not (kind.is_text and known.kind.is_text):
        yield _misfit(registry, name, kind, known, at)


def _misfit(registry: dict[str, Any], name: str, kind: Kind, known: KnownValue, at: Location) -> Diagnostic:
    what = f"a {known.kind} that holds a number as text" if known.is_number else f"a {known.kind}"
    return warning(
        "PC0346",
        f"'{name}' is {what} to Windows, which doesn't read a {kind} there",
        at.below("type"),
        help=f"write 'type: {known.kind}'" + _data(registry.get("equals"), known),
    )


def _data(data: Any, known: KnownValue) -> str:  # noqa: ANN401 - a node of YAML
    """How the same data is written for the known kind, as far as there is the same."""
    if known.kind.is_text:
        return f" and 'equals: \"{data}\"'" if isinstance(data, int) else ", and the data in quotes"
    if known.kind.is_number:
        return (
            f" and 'equals: {int(data)}'" if isinstance(data, str) and data.isascii() and data.isdigit() else ", and a number"
        )
    return ", and the data as hex text" if known.kind is Kind.BINARY else ", and a list"
