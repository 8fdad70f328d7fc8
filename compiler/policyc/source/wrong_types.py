"""A value of another type than the schema asks for."""

from __future__ import annotations

from policyc.source.limits import LONGEST_QUOTE
from policyc.source.untyped import Tree
from policyc.source.wording import quoted

_SWITCHES = {
    "yes": "true",
    "on": "true",
    "y": "true",
    "true": "true",
    "no": "false",
    "off": "false",
    "n": "false",
    "false": "false",
}
_WANTED = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "keys of its own below it",
    "array": "a list",
}


def explain_type(
    label: str,
    wanted: str | list[str],
    instance: Tree,
    written: str | None,
    is_plain: bool,  # noqa: FBT001
) -> tuple[str, str, str]:
    """Code, message and help. `written` is the text as it stands in the file, None for a mapping or list."""
    if isinstance(wanted, list):
        return _of_several(label, instance, written)
    needs = f"{label} takes {_WANTED[wanted]}"
    if instance is None:
        return _nothing(label, wanted, written)
    if isinstance(instance, dict):
        return "PC0204", f"{needs}, not keys of its own", _instead_of_mapping(wanted)
    if isinstance(instance, list):
        return "PC0204", f"{needs}, not a list", "write one value" if wanted != "object" else "take out the '-'"
    text = written if written is not None else str(instance)
    if wanted == "string":
        what = "true or false" if isinstance(instance, bool) else "a number"
        return "PC0205", f"{needs}, but {quoted(text)} without quotes is {what}", _quotes(text)
    if wanted == "array":
        return (
            "PC0204",
            f"{needs}, but {quoted(text)} is a single value",
            "write it in brackets, or below the key with '- ' before it",
        )
    if wanted == "object":
        return (
            "PC0204",
            f"{label} takes {_WANTED[wanted]}, but has the value {quoted(text)}",
            "write its keys on lines of their own, indented below it",
        )
    if wanted == "boolean":
        switch = _SWITCHES.get(text.lower())
        return (
            "PC0204",
            f"{needs}, but {quoted(text)} is {_kind(instance)}",
            f"write {switch}" if switch else "write true or false",
        )
    return "PC0204", f"{needs}, but {quoted(text)} is {_kind(instance)}", _number_help(text, instance, is_plain=is_plain)


def _of_several(label: str, instance: Tree, written: str | None) -> tuple[str, str, str]:
    """Where text, a whole number or a list of texts may stand: the value of a variable."""
    if instance is None and not written:
        return "PC0204", f"{label} has no value", 'write a value after the colon, "" for an empty text, or take out the line'
    needs = f"{label} takes text, a whole number or a list of texts"
    if isinstance(instance, dict):
        return "PC0204", f"{needs}, not keys of its own", _instead_of_mapping("string")
    text = written if written is not None else str(instance)
    return "PC0205", f"{needs}, but {quoted(text)} without quotes is {_kind(instance)}", _quotes(text)


def _quotes(text: str) -> str:
    return f'put it in quotes: "{text}"' if len(text) <= LONGEST_QUOTE else "put it in quotes"


def _nothing(label: str, wanted: str, written: str | None) -> tuple[str, str, str]:
    if written:
        way_out = _quotes(written) if wanted == "string" else "write a value"
        return (
            "PC0205",
            f"{label} takes {_WANTED[wanted]}, but {quoted(written)} without quotes means that there is no value",
            way_out,
        )
    way_out = (
        'write a value after the colon, "" for an empty text, or take out the line'
        if wanted == "string"
        else "write what belongs below it, or take out the line"
    )
    return "PC0204", f"{label} has no value", way_out


def _instead_of_mapping(wanted: str) -> str:
    return (
        "put '- ' before each item"
        if wanted == "array"
        else "write the value after the colon; text that holds ': ' goes in quotes"
    )


def _kind(instance: Tree) -> str:
    if instance is None:
        return "no value"
    if isinstance(instance, str):
        return "text"
    if isinstance(instance, bool):
        return "true or false"
    return "a number with a fraction or exponent" if isinstance(instance, float) else "a number"


def _number_help(text: str, instance: Tree, *, is_plain: bool) -> str:
    if isinstance(instance, float) and instance.is_integer() and abs(instance) < 2**53:
        return f"write {int(instance)}"
    digits = text.replace("_", "").replace(",", "")
    if isinstance(instance, str) and len(digits) <= LONGEST_QUOTE and digits.isascii() and digits.isdigit():
        return f"write {digits}" if is_plain else f"write it without quotes: {digits}"
    return "write digits, or 0x and hex digits, without quotes"
