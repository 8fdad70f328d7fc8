"""A value of another type than the schema asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from policyc.source.limits import LONGEST_QUOTE
from policyc.source.other_words import HOLDERS, LISTS
from policyc.source.untyped import Tree
from policyc.source.wording import as_yaml, quoted

_SWITCHES = {
    "yes": "true",
    "on": "true",
    "y": "true",
    "true": "true",
    "1": "true",
    "enabled": "true",
    "no": "false",
    "off": "false",
    "n": "false",
    "false": "false",
    "0": "false",
    "disabled": "false",
}
_WANTED = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "keys of its own below it",
    "array": "a list",
}
_OF_A_REG_FILE = re.compile(r"dword:([0-9a-f]{1,8})", re.IGNORECASE)
_SPELT_OUT = re.compile(r"(0x[0-9a-f]+|[0-9]+)\s*(?:\(.*\)|[-:=]\s*[a-z].*)", re.IGNORECASE)
"""As consoles and web pages show a number: `1 (Enabled)`, `0x00000384 (900)`, `5 - Send NTLMv2 only`."""


@dataclass(frozen=True, slots=True)
class WrongType:
    """A wrong type in words."""

    code: str
    message: str
    help: str
    choices: tuple[str, ...] = ()
    """YAML, any of which can be written in its place."""
    key: str | None = None
    """The key of its own below which the value belongs."""


def explain_type(
    label: str,
    wanted: str | list[str],
    instance: Tree,
    written: str | None,
    is_plain: bool,  # noqa: FBT001
) -> WrongType:
    """`written` is the text as it stands in the file, None for a mapping or list."""
    if isinstance(wanted, list):
        return _of_several(label, instance, written)
    needs = f"{label} takes {_WANTED[wanted]}"
    if instance is None:
        return _nothing(label, wanted, written)
    if isinstance(instance, dict):
        return WrongType("PC0204", f"{needs}, not keys of its own", _instead_of_mapping(wanted))
    if isinstance(instance, list):
        return _list(label, needs, wanted, instance)
    text = written if written is not None else str(instance)
    if wanted == "string":
        what = "true or false" if isinstance(instance, bool) else "a number"
        return WrongType("PC0205", f"{needs}, but {quoted(text)} without quotes is {what}", *_quotes(text))
    if wanted == "array":
        items = "[" + ", ".join(as_yaml(item.strip()) for item in re.split(r",\s+", text)) + "]"
        message = f"{needs}, but {quoted(text)} is a single value"
        if len(items) > LONGEST_QUOTE:
            return WrongType("PC0204", message, "write it in brackets, or below the key with '- ' before it")
        return WrongType("PC0204", message, f"write it in brackets: {items}", (items,))
    if wanted == "object":
        return _single(label, needs, text)
    if wanted == "boolean":
        switch = _SWITCHES.get(text.lower())
        message = f"{needs}, but {quoted(text)} is {_kind(instance)}"
        return WrongType(
            "PC0204",
            message,
            f"write {switch}" if switch else "write true or false",
            (switch,) if switch else ("true", "false"),
        )
    return WrongType(
        "PC0204", f"{needs}, but {quoted(text)} is {_kind(instance)}", *_number_help(text, instance, is_plain=is_plain)
    )


def _list(label: str, needs: str, wanted: str, instance: list[Tree]) -> WrongType:
    message = f"{needs}, not a list"
    key = LISTS.get(label.strip("'"))
    if wanted == "object" and key and all(isinstance(item, str) for item in instance):
        return WrongType("PC0204", message, f"write the list below a key of its own, '{key}:'", key=key)
    if wanted != "object":
        one = None
        if len(instance) == 1 and wanted == "string" and isinstance(instance[0], str):
            one = as_yaml(instance[0])
        elif len(instance) == 1 and wanted != "string" and isinstance(instance[0], int):
            one = str(instance[0]).lower()
        return WrongType("PC0204", message, f"write one value: {one}" if one else "write one value", (one,) if one else ())
    return WrongType("PC0204", message, "take out each '-', and write the id of each as a key with what it holds below it")


def _single(label: str, needs: str, text: str) -> WrongType:
    message = f"{needs}, but has the value {quoted(text)}"
    key = HOLDERS.get(label.strip("'"))
    if key:
        return WrongType("PC0204", message, f"write the value below a key of its own, '{key}:'", key=key)
    return WrongType("PC0204", message, "write its keys on lines of their own, indented below it")


def _of_several(label: str, instance: Tree, written: str | None) -> WrongType:
    """Where text, a whole number or a list of texts may stand: the value of a variable."""
    if instance is None and not written:
        way_out = 'write a value after the colon, "" for an empty text, or take out the line'
        return WrongType("PC0204", f"{label} has no value", way_out, ('""',))
    needs = f"{label} takes text, a whole number or a list of texts"
    if isinstance(instance, dict):
        return WrongType("PC0204", f"{needs}, not keys of its own", _instead_of_mapping("string"))
    text = written if written is not None else str(instance)
    return WrongType("PC0205", f"{needs}, but {quoted(text)} without quotes is {_kind(instance)}", *_quotes(text))


def _quotes(text: str) -> tuple[str, tuple[str, ...]]:
    return (f'put it in quotes: "{text}"', (f'"{text}"',)) if len(text) <= LONGEST_QUOTE else ("put it in quotes", ())


def _nothing(label: str, wanted: str, written: str | None) -> WrongType:
    if written:
        way_out, choices = _quotes(written) if wanted == "string" else ("write a value", ())
        message = f"{label} takes {_WANTED[wanted]}, but {quoted(written)} without quotes means that there is no value"
        return WrongType("PC0205", message, way_out, choices)
    if wanted == "string":
        way_out = 'write a value after the colon, "" for an empty text, or take out the line'
        return WrongType("PC0204", f"{label} has no value", way_out, ('""',))
    return WrongType("PC0204", f"{label} has no value", "write what belongs below it, or take out the line")


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


def _number_help(text: str, instance: Tree, *, is_plain: bool) -> tuple[str, tuple[str, ...]]:
    if isinstance(instance, float) and instance.is_integer() and abs(instance) < 2**53:
        return f"write {int(instance)}", (str(int(instance)),)
    switch = _SWITCHES.get(text.lower(), "") if not text.isdigit() else ""
    if switch:
        number = "1" if switch == "true" else "0"
        return f"write the number that Windows reads: most often {number} for {quoted(text)}", (number,)
    digits = text.replace("_", "").replace(",", "").strip()
    if isinstance(instance, str) and len(digits) <= LONGEST_QUOTE:
        of_a_file = _OF_A_REG_FILE.fullmatch(digits)
        if of_a_file:
            number = f"0x{of_a_file[1]}"
            return f"write {number}: a .reg file has its numbers in hex", (number,)
        spelt_out = _SPELT_OUT.fullmatch(text.strip())
        if spelt_out and not spelt_out[1].startswith("00"):
            return f"write the number alone: {spelt_out[1]}", (spelt_out[1],)
        if digits.isascii() and digits.isdigit():
            return _digits(digits, is_plain=is_plain)
        if re.fullmatch("0[xX][0-9a-fA-F]+", digits):
            return f"write it without quotes: {digits.lower()}", (digits.lower(),)
    return "write digits, or 0x and hex digits, without quotes", ()


def _digits(digits: str, *, is_plain: bool) -> tuple[str, tuple[str, ...]]:
    number = digits.lstrip("0") or "0"
    way_out = f"write {number}" if is_plain else f"write it without quotes: {number}"
    if number == digits or len(number) < 2:
        return way_out, (number,)
    # Eight digits with zeros before them are how a .reg file writes a number, and those are hex.
    return f"{way_out}, or 0x{number} if it is hex", (number, f"0x{number}")
