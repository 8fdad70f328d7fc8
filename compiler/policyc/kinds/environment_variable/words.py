"""An environment variable in the words of the language, and in sentences."""

from __future__ import annotations

from typing import Any

from policyc.evaluation import State
from policyc.kinds.environment_variable.subject import EnvironmentVariable
from policyc.kinds.environment_variable.texts import of_state
from policyc.model import Operator

Tree = dict[str, Any]

MASKED = "(sensitive)"
CONDITION = ("equals", "contains", "none_of", "present", "absent")
AS_ONE = frozenset({*CONDITION, "set", "type", "case"})
DATA = frozenset({"equals", "contains", "none_of", "set"})
_LONGEST_SHOWN = 1000


def words(subject: EnvironmentVariable, *, masked: bool) -> Tree:
    """What a policy says below `environment_variable:`."""
    said: Any = [MASKED if masked else text for text in subject.texts]
    if subject.operator is Operator.EQUALS:
        [said] = said
    elif subject.operator in (Operator.PRESENT, Operator.ABSENT):
        said = True
    tree: Tree = {"name": subject.place.name, subject.asked: said}
    if subject.set:
        tree["set"] = MASKED if masked else subject.set
    if subject.type is not None:
        tree["type"] = subject.type.said
    return {**tree, "case": "exact"} if subject.exact_case else tree


def plan_words(subject: EnvironmentVariable) -> Tree:
    """The same, flat; None for what isn't said."""
    said = words(subject, masked=False)
    return {
        "environment_variable.name": said["name"],
        **{word: said.get(word) for word in (*CONDITION, "set", "type", "case")},
    }


def _listed(subject: EnvironmentVariable) -> str:
    return ", ".join(f'"{text}"' for text in subject.texts)


def must(subject: EnvironmentVariable, *, masked: bool) -> str:
    """The end of a sentence that begins with "must"."""
    if masked:
        return "hold what the policy says (sensitive)"
    as_type = f" as {subject.type.said}" if subject.type is not None else ""
    return {
        Operator.EQUALS: f"be {_listed(subject)}",
        Operator.CONTAINS: f"have the entries {_listed(subject)}",
        Operator.NONE_OF: f"have none of the entries {_listed(subject)}",
        Operator.ABSENT: "not be set",
    }.get(subject.operator, "be set") + as_type


def remediation(subject: EnvironmentVariable) -> str:
    """What a remediation does."""
    if not subject.writes:
        return "no, it is only reported"
    return {
        Operator.EQUALS: "set it",
        Operator.CONTAINS: "add the entries that are missing, at the end",
        Operator.NONE_OF: "take the entries out",
        Operator.ABSENT: "remove it",
    }.get(subject.operator, "set it where there is none")


def written(subject: EnvironmentVariable, *, masked: bool) -> str:
    """What a remediation does, as one part of a sentence."""
    if not subject.writes:
        return "only reported"
    if masked:
        return "sets what the policy says"
    return {
        Operator.EQUALS: f"sets it to {_listed(subject)}",
        Operator.CONTAINS: f"adds {_listed(subject)}",
        Operator.NONE_OF: f"takes {_listed(subject)} out",
        Operator.ABSENT: "removes it",
    }.get(subject.operator, f'sets it to "{subject.set}" where there is none')


def shown(state: State) -> str:
    """What is there, for people, as scripts say it."""
    found = of_state(state)
    if found is None:
        return "not set"
    kind, text = found
    return f'"{text[:_LONGEST_SHOWN]}{"..." if len(text) > _LONGEST_SHOWN else ""}" ({kind.said})'
