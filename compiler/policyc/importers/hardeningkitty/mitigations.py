"""Mitigations of exploit protection, as HardeningKitty asks Get-ProcessMitigation: `DEP.Enable`, `WINWORD.EXE/ASLR/BottomUp`.

What Get-ProcessMitigation says of "Override" isn't documented. It is False where a program has a mitigation on and where it
says nothing (DISA's checklists ask for both at once), so what is asked of it is that the mitigation isn't off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from policyc.importers.found import Found, NotExpressibleError
from policyc.importers.identity import place_of
from policyc.kinds.process_mitigation.mitigations import elsewhere, meant
from policyc.kinds.process_mitigation.subject import ProcessMitigation
from policyc.model import upper

KIND = ProcessMitigation.word
_VALUES = {"ON": "on", "OFF": "off", "NOTSET": "not_set"}
_OVERRIDE = "override"


def mitigation_words(argument: str, recommended: str, *, of_program: bool) -> dict[str, Any]:
    """The words below `process_mitigation`. Raises NotExpressibleError."""
    steps = argument.strip().split("/" if of_program else ".")
    if len(steps) != (3 if of_program else 2) or not all(steps):
        how = "PROGRAM/GROUP/OPTION" if of_program else "GROUP.OPTION"
        raise NotExpressibleError(f"the finding doesn't name one mitigation as {how} (MethodArgument)")
    group, option = steps[-2:]
    if elsewhere(option):
        raise NotExpressibleError(f"where Windows keeps '{option}' isn't documented; Set-ProcessMitigation sets it")
    overridden = option.lower().startswith(_OVERRIDE)
    name = meant(group if option.lower() == "enable" else option)
    if name is None:
        raise NotExpressibleError(f"no mitigation is called '{option}'")
    words = {"mitigation": name, **({"program": steps[0]} if of_program else {})}
    said = upper(recommended.strip())
    if overridden:
        if said != "FALSE":
            raise NotExpressibleError(f"what it means that '{option}' is '{recommended}' isn't documented")
        return {**words, "not_equals": "off"}
    if said not in _VALUES:
        raise NotExpressibleError(f"'{recommended}' is none of ON, OFF and NOTSET")
    return {**words, "equals": _VALUES[said]}


def with_mitigations(settings: Sequence[Found]) -> tuple[list[Found], int]:
    """The settings, and how many went into another: that a mitigation isn't off, where another finding wants it on."""
    wanted = {
        place.identity: index
        for index, one in enumerate(settings)
        if one.kind == KIND and one.words.get("equals") in ("on", "not_set") and (place := place_of(one)) is not None
    }
    kept: list[Found | None] = list(settings)
    for index, one in enumerate(settings):
        place = place_of(one) if wanted and one.kind == KIND and "not_equals" in one.words else None
        at = None if place is None else wanted.get(place.identity)
        other = None if at is None else kept[at]
        if at is not None and other is not None:
            references = dict.fromkeys((*other.others.get("references", ()), *one.others.get("references", ())))
            others = {**other.others, "references": list(references)} if references else other.others
            source = other.source if one.source == other.source else f"{other.source} and {one.source}"
            kept[at] = replace(other, others=others, source=source)
            kept[index] = None
    left = [one for one in kept if one is not None]
    return left, len(settings) - len(left)
