"""What a setting asks for, in words for logs, consoles and runbooks."""

from __future__ import annotations

import re

from policyc.model import Data, Operator, Setting

_LONGEST = 120
"""UTF-16 code units, as scripts count them."""
_UNSEEN = re.compile("[^ -~]")
_BLANKS = frozenset("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000")
"""Blanks that aren't ASCII's: Python doesn't print them, scripts do."""


def visible(text: str) -> str:
    r"""The text with line ends, controls, and what is invisible or turns the direction of writing as `\u` and four digits.

    As in scripts, which look at each half of a surrogate pair by itself.

    >>> visible("a\n\u202e\xe4")
    'a\\u000a\\u202e\xe4'
    """
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    character = found[0]
    if (character.isprintable() and character <= "\uffff") or character in _BLANKS:
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def data_text(data: Data) -> str:
    """Data as people write it: numbers decimal, text in double quotes, binary as hex, lists in braces.

    >>> data_text(("a", "b")), data_text(b"\\x01\\xff"), data_text("Normal"), data_text(b"")
    ('{"a"; "b"}', '01FF', '"Normal"', 'empty')
    """
    if isinstance(data, int):
        return str(data)
    if isinstance(data, bytes):
        text = data.hex().upper() or "empty"
    elif isinstance(data, tuple):
        text = "{" + "; ".join(f'"{element}"' for element in data) + "}"
    else:
        text = f'"{data}"'
    units = text if text.isascii() else text.encode("utf-16-le", "surrogatepass")
    if len(units) > (_LONGEST if isinstance(units, str) else 2 * _LONGEST):
        text = _cut(text)
    return visible(text)


def _cut(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass")[: 2 * _LONGEST].decode("utf-16-le", "surrogatepass") + "..."


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
