"""What a setting asks for, in words for logs, consoles and runbooks."""

from __future__ import annotations

from policyc.evaluation.wording import data_text, visible
from policyc.model import Append, CreateKey, DeleteValue, KeepListed, Operator, Registry, RemoveTree, SetValue


def must(subject: Registry, *, masked: bool) -> str:
    """The end of a sentence that begins with "must": `be at least 5 (absent counts as 3)`.

    With `masked` data is left out.
    """
    condition = subject.condition
    thing = "key" if subject.place.name is None else "value"
    if condition.operator is Operator.PRESENT:
        return f"be there (any {thing})" if subject.kind is None and thing == "value" else "be there"
    if condition.operator is Operator.ABSENT:
        return "be absent"
    if condition.operator is Operator.ONLY_VALUES:
        return _only(subject, masked=masked)
    kind = f" [{subject.kind}]" if subject.kind is not None else ""
    if masked:
        return f"hold what the policy says (sensitive){kind}"
    words = _condition_words(condition.operator, [data_text(operand) for operand in condition.operands])
    case = ", in exactly this case" if condition.exact_case else ""
    if subject.default is None:
        absent = ""
    elif subject.pin:
        absent = f", written out although absent counts as {data_text(subject.default)}"
    else:
        absent = f"; absent counts as {data_text(subject.default)}"
    return f"{words}{case}{kind}{absent}"


def _only(subject: Registry, *, masked: bool) -> str:
    if not subject.values:
        return "hold no values"
    case = ", in exactly this case" if subject.condition.exact_case else ""
    listed = ", ".join(
        f"{visible(value.name) or '(Default)'} = {'(sensitive)' if masked else data_text(value.data)} [{value.kind}]"
        for value in subject.values
    )
    return f"hold no values but {listed}{case}"


def _condition_words(operator: Operator, texts: list[str]) -> str:
    listed = ", ".join(texts)
    match operator:
        case Operator.EQUALS:
            return f"be {listed}"
        case Operator.NOT_EQUALS:
            return f"not be {listed}"
        case Operator.AT_LEAST:
            return f"be at least {listed}"
        case Operator.AT_MOST:
            return f"be at most {listed}"
        case Operator.BETWEEN:
            return f"be from {texts[0]} to {texts[1]}"
        case Operator.ONE_OF:
            return f"be one of {listed}"
        case Operator.NONE_OF:
            return f"be none of {listed}"
        case Operator.MATCHES:
            return f"match {listed} as a whole"
        case Operator.CONTAINS:
            return f"contain {listed}"
        case _:
            return f"hold exactly {listed} in any order"


def written(subject: Registry, *, masked: bool) -> str:
    """What a remediation does, as one part of a sentence."""
    match subject.write:
        case None:
            return "only reported"
        case DeleteValue():
            return "deletes the value"
        case CreateKey():
            return "creates the key"
        case RemoveTree():
            return "removes the key with everything below it"
        case KeepListed():
            return "writes each of the values, deletes every other one" if subject.values else "deletes every value"
        case _ if masked:
            return "writes what the policy says"
        case SetValue(data):
            return f"writes {data_text(data)}"
        case Append(elements):
            return f"adds {data_text(elements)}"
