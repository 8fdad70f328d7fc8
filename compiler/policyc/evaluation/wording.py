"""What a setting asks for, in words for logs, consoles and runbooks."""

from __future__ import annotations

from policyc.model import Data, Operator, Setting

_LONGEST = 120


def data_text(data: Data) -> str:
    """Data as people write it: numbers decimal, text in double quotes, binary as hex, lists in braces.

    >>> data_text(("a", "b")), data_text(b"\\x01\\xff"), data_text("Normal")
    ('{"a"; "b"}', '01FF', '"Normal"')
    """
    if isinstance(data, int):
        return str(data)
    if isinstance(data, bytes):
        text = data.hex().upper() or "empty"
    elif isinstance(data, tuple):
        text = "{" + "; ".join(f'"{element}"' for element in data) + "}"
    else:
        text = f'"{data}"'
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def must(setting: Setting) -> str:
    """The end of a sentence that begins with "must": `be at least 5 (absent counts as 3)`.

    Data of a sensitive setting is left out.
    """
    condition = setting.subject.condition
    thing = "key" if setting.subject.place.name is None else "value"
    if condition.operator is Operator.PRESENT:
        return f"be there (any {thing})" if setting.subject.kind is None and thing == "value" else "be there"
    if condition.operator is Operator.ABSENT:
        return "be absent"
    kind = f" [{setting.subject.kind}]" if setting.subject.kind is not None else ""
    if setting.sensitive:
        return f"hold what the policy says (sensitive){kind}"
    words = _condition_words(condition.operator, [data_text(operand) for operand in condition.operands])
    case = ", in exactly this case" if condition.exact_case else ""
    if setting.subject.default is None:
        absent = ""
    elif setting.subject.pin:
        absent = f", written out although absent counts as {data_text(setting.subject.default)}"
    else:
        absent = f"; absent counts as {data_text(setting.subject.default)}"
    return f"{words}{case}{kind}{absent}"


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
