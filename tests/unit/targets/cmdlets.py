"""What the cmdlets of the ConfigMgr console take, as their documentation says it (`tests/configmgr/cmdlets.json`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from configmgr.module import FORMER

CMDLETS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "configmgr" / "cmdlets.json").read_text(encoding="utf-8")
)
_ONE_SET = frozenset({"all"})


def refusals(cmdlet: str, parameters: Mapping[str, object], *added: str) -> list[str]:
    """Why the cmdlet wouldn't take these parameters together with those that the deployment script adds."""
    known = CMDLETS[cmdlet]["parameters"]
    unknown = [name for name in (*parameters, *added) if name not in known]
    if unknown:
        return [f"{cmdlet} has no {name}" for name in unknown]
    found = [reason for name, value in parameters.items() for reason in _value(cmdlet, name, known[name], value)]
    every = frozenset(CMDLETS[cmdlet].get("sets") or _ONE_SET)
    given = {*parameters, *added}
    sets = every.intersection(*(_sets(known[name], every) for name in given))
    if not sets:
        return [*found, f"{cmdlet} has no parameter set with {sorted(given)}"]
    if not any(_required(known, one) <= given for one in sets):
        found.append(f"{cmdlet} lacks one of {[sorted(_required(known, one) - given) for one in sorted(sets)]}")
    return found


def _sets(facts: Mapping[str, Any], every: frozenset[str]) -> frozenset[str]:
    found: set[str] = set()
    for names, _, _ in facts["in"]:
        found |= every if names is None else set(names)
    return frozenset(found)


def _required(known: Mapping[str, Any], one: str) -> set[str]:
    return {
        name
        for name, facts in known.items()
        if any(mandatory and (names is None or one in names) for names, mandatory, _ in facts["in"])
    }


def _value(cmdlet: str, name: str, facts: Mapping[str, Any], value: object) -> list[str]:
    kind = facts["type"].removesuffix("[]")
    if "values" in facts:
        fits = value in (*facts["values"], *FORMER.get(name, ()))
    elif kind in {"Boolean", "SwitchParameter"}:
        fits = isinstance(value, bool)
    elif kind in {"Int32", "UInt32"}:
        fits = isinstance(value, int) and not isinstance(value, bool)
    else:
        fits = isinstance(value, str)
        shortest, longest = facts.get("length", (0, 10**6))
        fits = fits and shortest <= len(str(value)) <= longest
    return [] if fits else [f"{cmdlet} takes no {name} {value!r}"]
