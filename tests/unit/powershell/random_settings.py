"""Any settings that the language can say: every type, condition, write and flag."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from policyc.evaluation import PatternError, satisfies, translate
from policyc.lowering.slugs import is_device
from policyc.model import (
    EVERYWHERE,
    Append,
    Applicability,
    Condition,
    CreateKey,
    Data,
    DeleteValue,
    Fact,
    FilePlace,
    Hive,
    Kind,
    Location,
    Operator,
    Place,
    Role,
    Setting,
    SetValue,
    Severity,
    View,
)
from registry_settings import altered, registry_setting

_ODD = "aB7 '\"$`%\\;,#{}[]()@=\t\n\r\x85\xa0äßÄĳſİ‘’“”\u2028\ufeff\uffff😀𐐨"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.text(_ODD, max_size=12)
ELEMENTS = TEXTS.filter(bool)
_NAMES = TEXTS.filter(lambda text: text.isprintable())
_PARTS = _NAMES.map(lambda text: text.replace("\\", "-").strip() or "x")
IDS = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,2}", fullmatch=True).filter(lambda name: not is_device(name))

_ITEMS = st.sampled_from(
    ["a", "B", "7", "ä", "😀", ".", r"\d", r"\w", r"\S", "[a-c]", "[^b-ö]", r"\.", "(?:a|b)", "(ab)", " ", "-", r"\n"]
)
_TIMES = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,3}"])
_SEQUENCES = st.lists(st.builds("{}{}".format, _ITEMS, _TIMES), max_size=5).map("".join)
PATTERNS = st.recursive(
    _SEQUENCES, lambda inner: st.builds("{}(?:{}){}|{}".format, _SEQUENCES, inner, _TIMES, _SEQUENCES), max_leaves=3
)

_DATA: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.STRING: TEXTS,
    Kind.EXPAND_STRING: TEXTS,
    Kind.MULTI_STRING: st.lists(ELEMENTS, max_size=4).map(tuple),
    Kind.DWORD: st.sampled_from([0, 1, 2**31 - 1, 2**31, 2**32 - 1]) | st.integers(0, 2**32 - 1),
    Kind.QWORD: st.sampled_from([0, 1, 2**63 - 1, 2**63, 2**64 - 1]) | st.integers(0, 2**64 - 1),
    Kind.BINARY: st.binary(max_size=8),
}
_OF_ANY = (Operator.EQUALS, Operator.NOT_EQUALS, Operator.ONE_OF, Operator.NONE_OF)
_OF_NUMBERS = (Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN)
_OF_LISTS = (Operator.CONTAINS, Operator.SET_EQUALS)
_WRITTEN = (Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST)


def is_pattern(pattern: str, *, exact_case: bool) -> bool:
    """Whether the language takes it."""
    try:
        translate(pattern, exact_case=exact_case)
    except PatternError:
        return False
    return bool(pattern)


@st.composite
def _places(draw: st.DrawFn) -> Place:
    hive = draw(st.sampled_from(Hive))
    key = "\\".join(["SOFTWARE", "Example", *draw(st.lists(_PARTS, max_size=2))])
    view = draw(st.sampled_from(View)) if hive is Hive.MACHINE else View.BITS_64
    return Place(hive, view, key, draw(_NAMES))


@st.composite
def _conditions(draw: st.DrawFn, kind: Kind) -> Condition:
    of_kind = (
        _OF_NUMBERS if kind.is_number else (Operator.MATCHES,) if kind.is_text else _OF_LISTS * (kind is Kind.MULTI_STRING)
    )
    operator = draw(st.sampled_from([*_OF_ANY, *of_kind]))
    exact = False if kind.is_number or kind is Kind.BINARY else draw(st.booleans())
    data = _DATA[kind]
    if operator is Operator.MATCHES:
        pattern = draw(PATTERNS.filter(lambda text: is_pattern(text, exact_case=exact)))
        return Condition(operator, (pattern,), exact)
    if operator is Operator.BETWEEN:
        return Condition(operator, tuple(sorted(draw(st.lists(data, min_size=2, max_size=2)))), exact)
    if operator in _OF_LISTS:
        least = 1 if operator is Operator.CONTAINS else 0
        return Condition(operator, tuple(draw(st.lists(ELEMENTS, min_size=least, max_size=4))), exact)
    if operator in (Operator.ONE_OF, Operator.NONE_OF):
        return Condition(operator, tuple(draw(st.lists(data, min_size=1, max_size=3))), exact)
    return Condition(operator, (draw(data),), exact)


def _satisfying(draw: st.DrawFn, condition: Condition, kind: Kind) -> Data | None:
    """Data that satisfies the condition, None where none was found."""
    tried = [operand for operand in condition.operands if isinstance(operand, str | int | bytes | tuple)]
    tried += [draw(_DATA[kind]), draw(_DATA[kind])]
    if condition.operator in _OF_LISTS:
        tried.append(tuple(one for one in condition.operands if isinstance(one, str)))
    return next((data for data in tried if satisfies(condition, kind, data)), None)


@st.composite
def _of_values(draw: st.DrawFn, base: Setting) -> Setting:
    kind = draw(st.sampled_from(Kind))
    condition = draw(_conditions(kind))
    default = draw(st.none() | _DATA[kind])
    setting = altered(base, kind=kind, condition=condition, default=default, pin=default is not None and draw(st.booleans()))
    if not draw(st.booleans()):
        return setting
    if condition.operator is Operator.CONTAINS and draw(st.booleans()):
        elements = tuple(one for one in condition.operands if isinstance(one, str))
        return altered(setting, write=Append(elements))
    found = (
        condition.operands[0] if condition.operator in _WRITTEN and draw(st.booleans()) else _satisfying(draw, condition, kind)
    )
    return setting if found is None else altered(setting, write=SetValue(found))


@st.composite
def _of_existence(draw: st.DrawFn, base: Setting) -> Setting:
    place = replace(base.subject.place, name=draw(st.none() | _NAMES))
    operator = draw(st.sampled_from([Operator.PRESENT, Operator.ABSENT]))
    kind = None if place.name is None else draw(st.none() | st.sampled_from(Kind))
    setting = altered(base, place=place, condition=Condition(operator), kind=kind)
    if not draw(st.booleans()):
        return setting
    if place.name is None:
        return altered(setting, write=CreateKey()) if operator is Operator.PRESENT else setting
    if operator is Operator.ABSENT:
        return altered(setting, write=DeleteValue())
    return setting if kind is None else altered(setting, write=SetValue(draw(_DATA[kind])))


_FILES = _PARTS.filter(lambda part: not set(part) & set('<>:"/|?*%') and part.rstrip(" .") == part)
FACTS = st.one_of(
    st.builds(Fact, service=_FILES),
    st.builds(Fact, file=st.builds(FilePlace, _FILES.map(r"%ProgramFiles%\{}".format))),
    st.builds(
        Fact,
        place=st.builds(
            Place, st.just(Hive.MACHINE), st.sampled_from(View), _FILES.map(r"SOFTWARE\{}".format), st.none() | _NAMES
        ),
    ),
)
"""Things that must be there."""


@st.composite
def settings(draw: st.DrawFn) -> Setting:
    """A setting."""
    first = draw(st.none() | st.integers(0, 99999))
    end = draw(st.none() | st.integers(100000, 999999))
    role = draw(st.none() | st.sampled_from(Role))
    known = draw(IDS)
    base = registry_setting(
        id=known,
        title=f"Title of {known}",
        place=draw(_places()),
        condition=Condition(Operator.PRESENT),
        origin=Location("test.yaml"),
        severity=draw(st.sampled_from(Severity)),
        sensitive=draw(st.booleans()),
        applies_to=EVERYWHERE if draw(st.booleans()) else Applicability(first, end, role, draw(st.none() | FACTS)),
    )
    return draw(_of_values(base) | _of_existence(base))
