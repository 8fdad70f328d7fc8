"""The words below `optional_feature:` and `capability:` as the model has them, and names that no Windows has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from policyc.diagnostics import Diagnostic, error, warning
from policyc.diagnostics.cures import write
from policyc.kinds.dism import known
from policyc.kinds.dism.part import Part, PartPlace, without_version
from policyc.model import Location
from policyc.source.wording import as_yaml, quoted

P = TypeVar("P", bound=Part)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~+()-]*")
"""Names of features and capabilities are ASCII without blanks: they are attributes of component manifests."""
_CMDLETS = {
    "optional_feature": ("feature", "Get-WindowsOptionalFeature -Online", "FeatureName"),
    "capability": ("capability", "Get-WindowsCapability -Online", "Name"),
}


def place(kind: str, name: str) -> PartPlace:
    """The place of a part, whatever version a capability is named with."""
    return PartPlace(kind, without_version(name) if kind == "capability" else name)


def lower(kind: type[P], tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> P | None:
    """The part of the setting that stands at `at`; None where an error was added to `found`."""
    said: dict[str, Any] = tree[kind.word]
    node = at.below(kind.word)
    told = list(about_name(kind.word, said["name"], node.below("name")))
    found += told
    if any(one.is_error for one in told):
        return None
    wanted = said["state"] == kind.there
    missing = said["missing"] == "compliant" if "missing" in said else not wanted
    return kind(place(kind.word, said["name"]), wanted, missing, not audit and tree.get("remediate", True))


def about_name(kind: str, name: str, at: Location) -> Iterator[Diagnostic]:
    """What is wrong with the name of a part, or is likely to be."""
    what, cmdlet, column = _CMDLETS[kind]
    of_server = known.by_server_name(name) if kind == "optional_feature" else None
    if of_server is not None:
        text = as_yaml(of_server)
        message = f"'{name}' is the name that Get-WindowsFeature has, on servers alone: DISM calls the feature '{of_server}'"
        yield error(
            "PC1402", message, at, help=f"write the name that every Windows has for it: {text}", cures=[write(at, text)]
        )
    elif not _NAME.fullmatch(name):
        message = f"{quoted(name)} can't be the name of a{'n optional' if what == 'feature' else ''} {what}"
        yield error("PC1403", message, at, help=f"write one name as '{cmdlet}' gives it ({column}), without a pattern")
    else:
        near = known.meant(kind, name)
        if near is not None:
            message = f"no {what} '{name}' is known, and '{near}' is"
            way_out = f"if '{near}' is meant, write {near}; if your Windows has one that is called so, it stays as it is"
            yield warning("PC1404", message, at, help=way_out, cures=[write(at, near)])
