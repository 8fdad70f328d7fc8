"""From the trees of an ADMX and its ADML file to a `Template`.

What is wrong with one policy is kept with that policy, and told where somebody uses it: the templates that vendors ship have
such mistakes, and whoever only wants the policy beside it can't mend them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policyc.definitions.template import Choice, Fault, Item, Option, Policy, Scope, Sort, Template, Value
from policyc.definitions.texts import NO_TEXTS, Texts
from policyc.definitions.xml import Element

_SCOPES: Mapping[str, tuple[Scope, ...]] = {
    "machine": (Scope.MACHINE,),
    "user": (Scope.USER,),
    "both": (Scope.MACHINE, Scope.USER),
}
_SORTS = {sort.value: sort for sort in Sort}
_HIVE = re.compile(r"^(?:HKLM|HKCU|HKEY_LOCAL_MACHINE|HKEY_CURRENT_USER):?\\", re.IGNORECASE)
_WAY_OUT = "ask the vendor for a template without this mistake, or write its registry settings out"
_DWORD, _QWORD = 2**32 - 1, 2**64 - 1
_MOST = 9999
"""`maxValue` where a template gives none (the schema's own default)."""


class _BrokenError(Exception):
    """A policy that can't be used."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def template(stem: str, file: str, root: Element, texts: Texts = NO_TEXTS, of_texts: str = "") -> Template:
    """The template of a tree whose root is `policyDefinitions`."""
    own = _definitions(root, texts)
    windows = {
        one.get("prefix") or ""
        for one in root.all("policyNamespaces", "using")
        if (one.get("namespace") or "").lower() == "microsoft.policies.windows"
    }
    policies: dict[str, Policy] = {}
    broken: dict[str, Fault] = {}
    for tree in root.all("policies", "policy"):
        name = (tree.get("name") or "").strip()
        if not name.isprintable() or not name or name.lower() in policies or name.lower() in broken:
            continue
        try:
            policies[name.lower()] = _policy(name, tree, texts, own, windows)
        except _BrokenError as wrong:
            broken[name.lower()] = Fault(str(wrong), _WAY_OUT, wrong.line)
    faults = tuple((name, fault) for name, fault in broken.items())
    return Template(stem, file, of_texts, tuple(policies.values()), faults)


def _definitions(root: Element, texts: Texts) -> dict[str, str]:
    return {
        (one.get("name") or "").lower(): texts.string(one.get("displayName"))
        for one in root.all("supportedOn", "definitions", "definition")
    }


def _policy(name: str, tree: Element, texts: Texts, own: Mapping[str, str], windows: Iterable[str]) -> Policy:
    scopes = _SCOPES.get((tree.get("class") or "").strip().lower())
    if scopes is None:
        raise _BrokenError(f"its class is '{(tree.get('class') or '')[:40]}', neither Machine, User nor Both", tree.line)
    key, value = _key(tree.get("key")), tree.get("valueName")
    boxes = texts.boxes(tree.get("presentation"))
    elements = tree.first("elements")
    options = tuple(_options(elements, key, boxes)) if elements is not None else ()
    ids = [option.id.lower() for option in options]
    twice = next((option for number, option in enumerate(options) if option.id.lower() in ids[:number]), None)
    if twice is not None:
        raise _BrokenError(f"two of its elements have the id '{twice.id[:60]}'", twice.line)
    if value and not key:
        raise _BrokenError("it names a value and no key", tree.line)
    reference = tree.first("supportedOn")
    named = "" if reference is None else (reference.get("ref") or "").strip()
    prefix, colon, last = named.rpartition(":")
    return Policy(
        name,
        scopes,
        key,
        value or None,
        tree.line,
        title=texts.string(tree.get("displayName")),
        why=texts.string(tree.get("explainText")),
        supported="" if colon else own.get(named.lower(), ""),
        since=last if colon and prefix in windows else "",
        enabled=_single(tree, "enabledValue"),
        disabled=_single(tree, "disabledValue"),
        enabled_items=_items(tree.first("enabledList"), key),
        disabled_items=_items(tree.first("disabledList"), key),
        options=options,
    )


def _key(text: str | None) -> str:
    """A key below its hive, without what people put around it."""
    parts = _HIVE.sub("", (text or "").strip().lstrip("\\")).split("\\")
    return "\\".join(part for part in parts if part)


def _single(tree: Element, name: str) -> Value | None:
    holder = tree.first(name)
    return None if holder is None else _value(holder)


def _value(holder: Element) -> Value:
    """What is in an `enabledValue` or one of its like."""
    for child in holder.children:
        match child.name:
            case "delete":
                return Value(None)
            case "decimal":
                return Value(_number(child.get("value"), _DWORD, child))
            case "longDecimal":
                return Value(_number(child.get("value"), _QWORD, child), long=True)
            case "string":
                return Value(_plain(child.text, child))
    raise _BrokenError(f"its '{holder.name}' holds no decimal, longDecimal, string or delete", holder.line)


def _plain(text: str, tree: Element) -> str:
    if any(ord(character) < 32 and character not in "\t\n\r" for character in text):  # pragma: no cover - XML has none
        raise _BrokenError("it writes control characters", tree.line)
    return text


def _number(text: str | None, most: int, tree: Element) -> int:
    said = (text or "").strip()
    number = int(said) if said.isascii() and said.isdecimal() and len(said) <= 20 else None
    if number is None or number > most:
        raise _BrokenError(f"'{said[:40]}' is no number from 0 to {most}", tree.line)
    return number


def _items(tree: Element | None, key: str) -> tuple[Item, ...]:
    """A list of values; each may have a key of its own."""
    if tree is None:
        return ()
    above = _key(tree.get("defaultKey")) or key
    found = []
    for child in tree.all("item"):
        own, name, value = _key(child.get("key")) or above, child.get("valueName"), child.first("value")
        if name is None or value is None or not own:
            raise _BrokenError(f"an item of its '{tree.name}' has no key, valueName or value", child.line)
        found.append(Item(own, name, _value(value)))
    return tuple(found)


def _options(tree: Element, key: str, boxes: Mapping[str, Mapping[str, Any]]) -> Iterator[Option]:
    for child in tree.children:
        sort = _SORTS.get(child.name)
        if sort is None:
            raise _BrokenError(f"its element '{child.name[:40]}' is none of the schema", child.line)
        yield _option(child, sort, key, boxes)


def _option(tree: Element, sort: Sort, key: str, boxes: Mapping[str, Mapping[str, Any]]) -> Option:
    own_id, own = (tree.get("id") or "").strip(), _key(tree.get("key")) or key
    name = tree.get("valueName")
    if not own_id:
        raise _BrokenError("one of its elements has no id", tree.line)
    if not own:
        raise _BrokenError(f"its element '{own_id[:60]}' has no key", tree.line)
    if name is None and sort in (Sort.NUMBER, Sort.LONG_NUMBER, Sort.TEXT, Sort.LINES):
        raise _BrokenError(f"its element '{own_id[:60]}' names no value", tree.line)
    box = boxes.get(own_id.lower(), {})
    common: dict[str, Any] = {
        "label": box.get("label", ""),
        "required": tree.flag("required"),
        "expandable": tree.flag("expandable"),
    }
    if sort in (Sort.NUMBER, Sort.LONG_NUMBER):
        widest = _DWORD if sort is Sort.NUMBER else _QWORD
        least = _number(tree.get("minValue") or "0", widest, tree)
        most = _number(tree.get("maxValue") or str(max(_MOST, least)), widest, tree)
        if least > most:
            raise _BrokenError(f"its element '{own_id[:60]}' takes no number at all: {least} to {most}", tree.line)
        common |= {"least": least, "most": most, "as_text": tree.flag("storeAsText")}
        common["default"] = _number_in(box.get("default"), least, most)
    elif sort in (Sort.TEXT, Sort.LINES):
        common |= {"most": _number(tree.get("maxLength") or "0", _DWORD, tree)}
        common["default"] = box.get("default") if sort is Sort.TEXT else None
    elif sort is Sort.SWITCH:
        common |= {
            "default": box.get("checked", False),
            "on": _single(tree, "trueValue"),
            "off": _single(tree, "falseValue"),
            "on_items": _items(tree.first("trueList"), own),
            "off_items": _items(tree.first("falseList"), own),
        }
    elif sort is Sort.CHOICE:
        choices = tuple(_choice(child, own, box) for child in tree.all("item"))
        if not choices:
            raise _BrokenError(f"its element '{own_id[:60]}' has no choices", tree.line)
        default = _number_in(box.get("item"), 0, len(choices) - 1)
        common |= {"choices": choices, "default": default}
    else:
        prefix = tree.get("valuePrefix")
        common |= {"additive": tree.flag("additive"), "explicit": tree.flag("explicitValue"), "prefix": prefix}
    return Option(own_id, sort, own, None if sort is Sort.LIST else name, tree.line, **common)


def _number_in(text: str | None, least: int, most: int) -> int | None:
    said = (text or "").strip()
    if not (said.isascii() and said.isdecimal() and len(said) <= 20):
        return None
    return int(said) if least <= int(said) <= most else None


def _choice(tree: Element, key: str, box: Mapping[str, Any]) -> Choice:
    value = tree.first("value")
    strings: Texts = box.get("texts", NO_TEXTS)
    label = strings.string(tree.get("displayName"))
    return Choice(label, None if value is None else _value(value), _items(tree.first("valueList"), key))
