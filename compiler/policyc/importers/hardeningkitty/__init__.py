"""HardeningKitty's finding lists: CSV files of what to look at, what is recommended, and how to compare."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from policyc.importers.classes import with_classes
from policyc.importers.found import Found, Imported, NotExpressibleError, Refused
from policyc.importers.hardeningkitty.comparison import compare
from policyc.importers.hardeningkitty.kinds import Asked, said
from policyc.importers.hardeningkitty.methods import why_elsewhere
from policyc.importers.hardeningkitty.mitigations import with_mitigations
from policyc.importers.hardeningkitty.pairs import with_pairs
from policyc.importers.hardeningkitty.services import start_type, with_services
from policyc.importers.hardeningkitty.table import Row, read_table
from policyc.importers.hardeningkitty.terms import Comparison
from policyc.kinds.registry import RegistryKind
from policyc.kinds.registry.places import Complaint, parse_key
from policyc.model import View

__all__ = ["read"]

_LONGEST_TITLE = 256
_LONGEST_REFERENCE = 500
_LONGEST_RECOMMENDED = 100
_SEVERITIES = {"low": "informational", "medium": "warning", "high": "critical"}
_PROVIDER = re.compile(r"^(?:Microsoft\.PowerShell\.Core\\)?Registry::", re.IGNORECASE)
_DRIVE = re.compile(r"^([A-Za-z_]+):?\\*")
_WILDCARDS = frozenset("*?[")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
ASR_RULES = r"HKLM\Software\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
"""Where the policy for a rule lies, which goes before the preference of the same rule."""


def read(data: bytes, name: str, *, classes: str | None = None) -> Imported:
    """The findings of a list. Raises FormatError for what isn't a finding list.

    `name` is the file's name; `classes` says whose classes HKEY_CLASSES_ROOT is: machine or user.
    """
    settings: list[Found] = []
    refused: list[Refused] = []
    rows = list(read_table(data))
    for row in rows:
        try:
            settings.append(_found(row, classes))
        except NotExpressibleError as reason:
            refused.append(Refused(f"line {row.line}", _described(row), str(reason)))
    once, as_services = with_services(settings)
    alone, as_mitigations = with_mitigations(once)
    kept, joined = with_pairs(alone)
    together = joined + as_services + as_mitigations
    return Imported(_title(name), tuple(kept), tuple(refused), entries=len(rows), joined=together)


def _found(row: Row, classes: str | None) -> Found:
    fields = row.fields
    if row.misshapen:
        raise NotExpressibleError(row.misshapen)
    method = fields["Method"].lower()
    other = said(method, _asked(fields))
    if other is not None:
        return _setting(row, other.words, kind=other.kind, remediate=other.remediate)
    if method == "service":
        key, wanted = start_type(fields["MethodArgument"], fields["Operator"].strip(), fields["RecommendedValue"])
        return _setting(row, {**_place(key), "name": "Start", **wanted.registry}, remediate=wanted.remediate)
    if method == "mppreferenceasr":
        return _value(row, ASR_RULES, _rule(fields["MethodArgument"]))
    if method != "registry":
        raise NotExpressibleError(why_elsewhere(fields["Method"]))
    key = with_classes(_key(fields["RegistryPath"]), classes)
    if not fields["RegistryItem"]:
        raise NotExpressibleError("the finding names no value (RegistryItem)")
    return _value(row, key, fields["RegistryItem"])


def _rule(argument: str) -> str:
    if not _GUID.fullmatch(argument.strip()):
        raise NotExpressibleError("the finding doesn't name one rule by its GUID (MethodArgument)")
    return argument.strip()


def _value(row: Row, key: str, item: str) -> Found:
    """A value of the registry as the finding judges it."""
    fields = row.fields
    wanted = compare(
        Comparison(
            key=key,
            item=item,
            argument=fields["MethodArgument"],
            operator=fields["Operator"].lower(),
            recommended=fields["RecommendedValue"],
            default=fields["DefaultValue"],
        )
    )
    name = "" if item.lower() == "(default)" else item
    words = {**_place(key), "name": name, **wanted.registry}
    return _setting(row, words, remediate=wanted.remediate)


def _asked(fields: Mapping[str, str]) -> Asked:
    operator = fields["Operator"].strip().lower()
    return Asked(fields["Name"], fields["MethodArgument"], operator, fields["RecommendedValue"])


def _setting(row: Row, words: Mapping[str, Any], *, kind: str = RegistryKind.word, remediate: bool) -> Found:
    return Found(
        title=_cut(_what(row), _LONGEST_TITLE),
        words=words,
        source=_source(row),
        section=_line(row.fields["Category"]),
        others=_others(row, remediate=remediate),
        # The references have the finding.
        remark="" if _line(row.fields["ID"]) else None,
        kind=kind,
    )


def _place(key: str) -> dict[str, object]:
    """The key as the language has it. What can't be one stays as it is: the language will say why."""
    place = parse_key(key, None)
    if isinstance(place, Complaint):
        return {"key": key}
    view: dict[str, object] = {"view": 32} if place.view is View.BITS_32 else {}
    return {"key": f"{place.hive}\\{place.key}", **view}


def _others(row: Row, *, remediate: bool) -> dict[str, object]:
    others: dict[str, object] = {}
    severity = _SEVERITIES.get(row.fields["Severity"].strip().lower())
    if severity is not None:
        others["severity"] = severity
    if not remediate:
        others["remediate"] = False
    if id_ := _line(row.fields["ID"]):
        others["references"] = [_cut(f"HardeningKitty {id_}", _LONGEST_REFERENCE)]
    return others


def _key(path: str) -> str:
    r"""`HKLM:\SOFTWARE\...` of PowerShell as a policy writes it."""
    plain = _PROVIDER.sub("", path)
    if _WILDCARDS & set(plain):
        raise NotExpressibleError(f"'{path}' stands for each key that it matches, and a policy names one key")
    key = _DRIVE.sub(r"\1" + r"\\", plain).rstrip("\\")
    if not key:
        raise NotExpressibleError("the finding names no key (RegistryPath)")
    return key


def _source(row: Row) -> str:
    id_ = _line(row.fields["ID"])
    return f"finding {id_}" if id_ else f"line {row.line}"


def _described(row: Row) -> str:
    """The finding as its author knows it, for where its line is said beside it, with what is left to do by other means."""
    id_ = _line(row.fields["ID"])
    recommended = "" if row.misshapen else _cut(_line(row.fields["RecommendedValue"]), _LONGEST_RECOMMENDED)
    return (f"finding {id_}, " if id_ else "") + _what(row) + (f" (recommended: {recommended})" if recommended else "")


def _what(row: Row) -> str:
    """The finding's name, or else its place."""
    fields = row.fields
    place = "\\".join(part for part in (fields["RegistryPath"].rstrip("\\"), fields["RegistryItem"]) if part)
    return _line(fields["Name"]) or _line(place) or "a finding without a name"


def _line(text: str) -> str:
    """The text as one line, without control characters."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _title(name: str) -> str:
    """What the list is called: its file's name without what all lists have in common."""
    stem = re.sub(r"(?i)\.csv$", "", name)
    stem = re.sub(r"(?i)^finding_list_", "", stem)
    return _line(stem.replace("_", " ")) or "Finding list"
