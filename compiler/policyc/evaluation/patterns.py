"""`matches`: one normalised pattern that Python and .NET read alike."""

from __future__ import annotations

from functools import lru_cache

from policyc.evaluation import characters
from policyc.evaluation.automaton import Automaton, build, check
from policyc.evaluation.characters import Units
from policyc.evaluation.syntax import Choice, Node, PatternError, Repeat, Sequence, Unit, parse
from policyc.model import upper

__all__ = ["PatternError", "full_match", "translate"]

LONGEST = 1000
"""Characters in a pattern."""
LONGEST_MATCHED = 16384
"""UTF-16 units of a text that is matched at all: the author of a longer one would decide how long that takes."""
_SPECIAL = frozenset("\\^$.*+?{}[]()|")
_SPECIAL_IN_CLASS = frozenset("\\^[]-&~|")


@lru_cache(maxsize=4096)
def translate(pattern: str, *, exact_case: bool) -> str:
    r"""The pattern in the form that every engine is given, pure ASCII.

    Unless `exact_case` it is in upper case, one unit to one, and takes a subject in upper case (`policyc.model.upper`,
    `ToUpperInvariant`). It has no anchors: .NET needs `\A(?:` and `)\z` around it. Raises PatternError.

    >>> translate(r"(?:ab|[x-z]\d)+ä", exact_case=False)
    '(?:AB|[X-Z][0-9])+\\u00C4'
    """
    if len(pattern) > LONGEST:
        message = f"the pattern has {len(pattern)} characters, {LONGEST} are the most"
        raise PatternError(message, "split the setting in two, or use 'one_of'", LONGEST + 1)
    node = parse(pattern, exact_case=exact_case)
    check(node)
    build(node)
    return _written(node)


def full_match(translated: str, subject: str, *, exact_case: bool) -> bool:
    """Whether the whole subject, of at most LONGEST_MATCHED units, matches a pattern that `translate` gave.

    >>> full_match(translate("ab?c", exact_case=False), "aBC", exact_case=False)
    True
    """
    units = characters.utf16(subject if exact_case else upper(subject))
    return len(units) <= LONGEST_MATCHED and _automaton(translated).accepts(units)


@lru_cache(maxsize=1024)
def _automaton(translated: str) -> Automaton:
    return build(parse(translated, exact_case=True))


def _written(node: Node) -> str:
    match node:
        case Unit(units, negated):
            return _class(units, negated=negated)
        case Sequence((Choice() as only,)):
            return f"(?:{_written(only)})"
        case Sequence(items):
            return "".join(map(_written, items))
        case Choice(branches):
            return "|".join(map(_written, branches))
        case Repeat(item, least, most):
            return _repeated(item) + _quantifier(least, most)


def _repeated(item: Node) -> str:
    while isinstance(item, Sequence) and len(item.items) == 1:
        item = item.items[0]
    return _written(item) if isinstance(item, Unit) else f"(?:{_written(item)})"


def _quantifier(least: int, most: int | None) -> str:
    match least, most:
        case 0, None:
            return "*"
        case 1, None:
            return "+"
        case 0, 1:
            return "?"
        case _, None:
            return f"{{{least},}}"
    return f"{{{least}}}" if least == most else f"{{{least},{most}}}"


def _class(units: Units, *, negated: bool) -> str:
    if not negated and len(units) == 1 and units[0][0] == units[0][1]:
        return _character(units[0][0], _SPECIAL)
    members = characters.complement(units) if negated else units
    if not members:
        return "[\\u0000-\\uFFFF]"
    return f"[{'^' if negated else ''}{''.join(_range(low, high) for low, high in members)}]"


def _range(low: int, high: int) -> str:
    first, last = _character(low, _SPECIAL_IN_CLASS), _character(high, _SPECIAL_IN_CLASS)
    if low == high:
        return first
    return f"{first}{last}" if high == low + 1 else f"{first}-{last}"


def _character(unit: int, special: frozenset[str]) -> str:
    if not 0x20 <= unit < 0x7F:
        return f"\\u{unit:04X}"
    return f"\\{chr(unit)}" if chr(unit) in special else chr(unit)
