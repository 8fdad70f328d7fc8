"""What a policy makes of a variable, and what can be said of two settings of one."""

from __future__ import annotations

from policyc.evaluation import ABSENT, UNREADABLE, State, Verdict
from policyc.kinds.environment_variable.subject import EnvironmentVariable
from policyc.kinds.environment_variable.texts import (
    LONGEST,
    Type,
    entries,
    held,
    keys,
    of_state,
    with_entries,
    without_entries,
)
from policyc.model import Operator, upper


def holds(subject: EnvironmentVariable, state: State) -> bool:
    """Whether a state that can be read satisfies."""
    found = of_state(state)
    if found is None or subject.operator is Operator.ABSENT:
        return found is None and subject.operator in (Operator.ABSENT, Operator.NONE_OF)
    kind, text = found
    if subject.type not in (None, kind):
        return False
    match subject.operator:
        case Operator.EQUALS:
            [wanted] = subject.texts
            return text == wanted or (not subject.exact_case and upper(text) == upper(wanted))
        case Operator.CONTAINS:
            return keys(subject.texts) <= keys(entries(text))
        case Operator.NONE_OF:
            return not keys(subject.texts) & keys(entries(text))
    return True


def verdict(subject: EnvironmentVariable, state: State) -> Verdict:
    """As scripts judge it."""
    if state is UNREADABLE:
        return Verdict.ERROR
    return Verdict.COMPLIANT if holds(subject, state) else Verdict.NON_COMPLIANT


def after(subject: EnvironmentVariable, state: State) -> State:
    """The least change that satisfies; none where the variable would be too long."""
    if state is UNREADABLE or holds(subject, state):
        return state
    if subject.operator is Operator.ABSENT:
        return ABSENT
    kind, text = of_state(state) or (Type.STRING, None)
    written = _text(subject, text)
    if len(written) > LONGEST and len(written) > len(text or ""):
        return state
    return held(subject.type or kind, written)


def _text(subject: EnvironmentVariable, text: str | None) -> str:
    match subject.operator:
        case Operator.EQUALS:
            return subject.texts[0]
        case Operator.CONTAINS:
            return with_entries(text or "", subject.texts)
        case Operator.NONE_OF:
            return without_entries(text or "", subject.texts)
    return subject.set if text is None else text


def undone(before: State, written: State, now: State) -> State | None:
    """What is there now, without the entries that policyc added, and with those that it took out, at the end.

    None where the whole counts: nobody has changed it since, or a text was set in the place of another one.
    """
    found, last = of_state(now), of_state(written)
    if found is None or last is None or now in (before, written):
        return None
    kind, text = found
    first, mine = entries((of_state(before) or (kind, ""))[1]), entries(last[1])
    if first and mine and not keys(first) & keys(mine):
        return None
    left = without_entries(text, [one for one in mine if keys([one]) - keys(first)])
    back = with_entries(left, [one for one in first if keys([one]) - keys(mine)])
    return ABSENT if before is ABSENT and not back else held(kind, back)


def contradict(one: EnvironmentVariable, other: EnvironmentVariable) -> bool:
    """Whether surely nothing satisfies both: neither no variable, nor the least text that one of them could mean."""
    said = [text for side in (one, other) if side.operator is Operator.EQUALS for text in side.texts]
    wanted = [text for side in (one, other) if side.operator is Operator.CONTAINS for text in side.texts]
    tried: list[State] = [ABSENT, *(held(kind, text) for kind in Type for text in (*said, with_entries("", wanted)))]
    return not any(holds(one, state) and holds(other, state) for state in tried)


def agree(one: EnvironmentVariable, other: EnvironmentVariable) -> bool:
    """Entries are added and taken out in any order. What is set where there is none, both have to mean."""
    if contradict(one, other):
        return False
    for writer, judge in ((one, other), (other, one)):
        if writer.operator is Operator.PRESENT and (
            (judge.operator is Operator.PRESENT and judge.set != writer.set)
            or (judge.operator is Operator.NONE_OF and not holds(judge, held(Type.STRING, writer.set)))
        ):
            return False
    return True


def implies(one: EnvironmentVariable, other: EnvironmentVariable) -> bool:
    """Whether each state that satisfies `one` satisfies `other`."""
    if one.operator is Operator.ABSENT:
        return holds(other, ABSENT)
    if one.operator is Operator.NONE_OF:
        return other.operator is Operator.NONE_OF and keys(other.texts) <= keys(one.texts)
    if other.type not in (None, one.type):
        return False
    match other.operator:
        case Operator.PRESENT:
            return True
        case Operator.EQUALS:
            return (
                one.operator is Operator.EQUALS
                and (one.exact_case or not other.exact_case)
                and holds(other, held(other.type or Type.STRING, one.texts[0]))
            )
        case Operator.CONTAINS if one.operator is Operator.CONTAINS:
            return keys(other.texts) <= keys(one.texts)
        case Operator.CONTAINS | Operator.NONE_OF if one.operator is Operator.EQUALS:
            return holds(other, held(other.type or Type.STRING, one.texts[0]))
    return False
