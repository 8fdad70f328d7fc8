"""The subcategories of Windows' advanced audit policy: GUIDs and names, and what somebody meant who wrote another one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from policyc.model import upper
from policyc.source.wording import nearest, plain

_GUID = re.compile(r"\{?(0CCE92[0-9A-F]{2})-?69AE-?11D9-?BED3-?505054503030\}?", re.IGNORECASE)
_HEAD = re.compile(r"(?i)audit[ :]+")
"""The policy editor says "Audit Logon"."""


@lru_cache(maxsize=1)
def _known() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Name to GUID and what else it is called."""
    from importlib.resources import files

    text = (files("policyc.kinds.audit_policy") / "subcategories.txt").read_text("utf-8")
    rows = (line.split("|") for line in text.splitlines() if not line.startswith("#"))
    return {name: (guid(digits), tuple(others)) for digits, name, *others in rows}


def guid(digits: str) -> str:
    """A subcategory's GUID from the two digits in which it differs from the others, as auditpol writes it."""
    return f"{{0CCE92{digits}-69AE-11D9-BED3-505054503030}}"


def names() -> tuple[str, ...]:
    """All of them in English, as auditpol prints them."""
    return tuple(_known())


def guid_of(name: str) -> str | None:
    """The GUID of a subcategory by its English name."""
    known = _known().get(name)
    return None if known is None else known[0]


def name_of(known: str) -> str | None:
    """The English name of a GUID, however it is written."""
    found = _GUID.fullmatch(known.strip())
    digits = None if found is None else found[1][-2:].upper()
    return next((name for name, (one, _) in _known().items() if digits is not None and one == guid(digits)), None)


def meant(text: str) -> tuple[str, str] | None:
    """(English name, how somebody came to write something else) of what was likely meant; None where nothing is near.

    >>> meant("{0cce9215-69ae-11d9-bed3-505054503030}"), meant("Audit PNP Activity")
    (('Logon', 'the GUID'), ('Plug and Play Events', "the policy editor's or another language's name"))
    >>> meant("Logonn"), meant("Prozesserstellung"), meant("Weather")
    (('Logon', ''), ('Process Creation', "the policy editor's or another language's name"), None)
    """
    by_guid = name_of(text)
    if by_guid is not None:
        return by_guid, "the GUID"
    for said in (text.strip(), _HEAD.sub("", text.strip(), count=1)):
        for name, (_, others) in _known().items():
            if upper(said) == upper(name):
                return name, "" if said == text.strip() else "the policy editor's name"
            if any(upper(said) == upper(one) for one in others):
                return name, "the policy editor's or another language's name"
    spelled = dict(_spellings())
    near = nearest(_HEAD.sub("", text.strip(), count=1), spelled) or nearest(text.strip(), spelled)
    return None if near is None else (spelled[near], "")


def _spellings() -> Iterator[tuple[str, str]]:
    """(Any of its names, its English one); of two that are spelled alike, the first."""
    seen: set[str] = set()
    for name, (_, others) in _known().items():
        for one in (name, *others):
            if plain(one) not in seen:
                seen.add(plain(one))
                yield one, name
