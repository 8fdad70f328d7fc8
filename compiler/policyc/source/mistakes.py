"""jsonschema's errors in an administrator's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from policyc.diagnostics import Diagnostic, Related, error
from policyc.model import Location
from policyc.source.levels import resolved
from policyc.source.marks import Marks
from policyc.source.mending import Mended, Path
from policyc.source.untyped import Violation
from policyc.source.wording import listed, nearest, quoted
from policyc.source.wrong_types import explain_type

_FIRST = ("type", "enum", "const", "oneOf", "required", "maxLength", "minLength", "maxItems", "minItems")
"""Of several errors of one node, the first in this order is the mistake, the others follow from it."""
_UNITS = {"maxLength": "characters", "maxItems": "items", "maxProperties": "entries"}


_BY_KEY = ("required", "propertyNames", "additionalProperties")
"""Keywords whose errors are each about a key, which is their message."""


class Mistakes:
    """Translates the errors of one mended tree."""

    def __init__(self, file: str, schema: dict[str, Any], marks: Marks, mended: Mended) -> None:
        self._file = file
        self._schema = schema
        self._marks = marks
        self._mended = mended
        self._by_keyword: dict[str, Callable[[Any], Diagnostic]] = {
            "required": self._required,
            "type": self._type,
            "enum": self._enum,
            "const": self._const,
            "oneOf": self._conditions,
            "pattern": self._pattern,
            "propertyNames": self._name,
            "minimum": self._range,
            "maximum": self._range,
            "minLength": self._too_short,
            "minItems": self._too_short,
            "maxLength": self._too_long,
            "maxItems": self._too_long,
            "maxProperties": self._too_long,
            "minProperties": self._too_few,
            "additionalProperties": self._unknown,
            "false": self._not_here,
        }

    def of(self, errors: list[Any]) -> Iterator[Diagnostic]:
        """One finding for each mistake."""
        by_node: dict[tuple[Path, str], Any] = {}
        for found in errors:
            path = tuple(found.absolute_path)
            if self._follows(found, path):
                continue
            # A mapping may lack several keys, or have several wrong names: each is a mistake of its own.
            own = found.message if found.validator in _BY_KEY else ""
            known = by_node.setdefault((path, own), found)
            if _rank(found) < _rank(known):
                by_node[path, own] = found
        for found in by_node.values():
            yield self._by_keyword[found.validator](found)

    def _follows(self, found: Violation, path: Path) -> bool:
        """Whether it only follows from a key without `name`, which is a finding of its own."""
        registry = self._registry(path)
        if registry is None or "name" in registry or found.validator in ("oneOf", "required"):
            return False
        refused = [key for key in registry if key in self._schema["$defs"]["key_only"]["properties"]]
        if not refused or len(path) < 4 or path[3] not in refused:
            return False
        return len(path) > 4 or found.validator != "false" or path[3] != refused[0]

    def _registry(self, path: Path) -> dict[str, Any] | None:
        if len(path) < 3 or path[0] != "settings" or path[2] != "registry":
            return None
        registry = self._mended.tree["settings"][path[1]]["registry"]
        return registry if isinstance(registry, dict) else None

    # What each keyword's error says

    def _required(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        about = resolved(self._schema, found.schema).get("properties", {}).get(found.message, {})
        if found.message == "type":
            way_out = f"write one of {listed(self._schema['$defs']['registry']['properties']['type']['enum'])}"
        elif "enum" in about:
            way_out = f"write one of {listed(about['enum'])}"
        else:
            example = about.get("examples", [None])[0]
            way_out = (
                f"add a line such as '{found.message}: {example}'" if isinstance(example, str) else f"add '{found.message}:'"
            )
        where = f"{_label(path)} has no" if path else "The file has no"
        return self._error("PC0203", f"{where} {quoted(found.message)}", path, way_out)

    def _type(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        origin = self._mended.origin(path)
        code, message, way_out = explain_type(
            _label(path), found.validator_value, found.instance, self._marks.written(origin), self._marks.is_plain(origin)
        )
        return self._error(code, message, path, found.schema.get("typeErrorMessage", way_out))

    def _enum(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        words = [str(word) for word in found.validator_value]
        near = nearest(str(found.instance), words)
        way_out = f"did you mean {quoted(near)}?" if near else f"write one of {listed(words)}"
        shown = self._marks.written(self._mended.origin(path)) or str(found.instance)
        return self._error("PC0206", f"{_label(path)} can't be {quoted(shown)}, only {listed(words)}", path, way_out)

    def _const(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        opposite = {"present": "absent", "absent": "present"}.get(str(path[-1]), "")
        way_out = f"write '{opposite}: true'" if opposite else "write true"
        return self._error("PC0206", f"{_label(path)} takes only true", path, way_out)

    def _conditions(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        every = [branch["required"][0] for branch in found.validator_value]
        given = [key for key in found.instance if key in every]
        if not given:
            return self._error("PC0209", f"{_label(path)} has no condition", path, f"add one of {listed(every)}")
        message = f"{_label(path)} has {len(given)} conditions, {listed(given, 'and')}"
        first = Location(self._file, self._mended.origin((*path, given[0])), on_key=True)
        place = Location(self._file, self._mended.origin((*path, given[1])), on_key=True)
        way_out = "keep one: a second condition is a setting of its own, a range is 'between'"
        return error("PC0209", message, place, help=way_out, related=[Related(first, "the first one is here")])

    def _pattern(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        wanted = found.schema.get("patternErrorMessage", "another form")
        return self._error("PC0208", f"{_label(path)} is {quoted(found.instance)}", path, f"write {wanted}")

    def _name(self, found: Violation) -> Diagnostic:
        names = found.validator_value
        place = Location(self._file, self._mended.origin((*found.absolute_path, found.message)), on_key=True)
        if len(found.message) > names["maxLength"]:
            message = f"The id {quoted(found.message)} has {len(found.message)} characters"
            return error("PC0210", message, place, help=f"use at most {names['maxLength']}")
        way_out = f"use {names['patternErrorMessage']}"
        return error("PC0208", f"{quoted(found.message)} can't be an id", place, help=way_out)

    def _range(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        low, high = found.schema.get("minimum", 0), found.schema.get("maximum")
        shown = self._marks.written(self._mended.origin(path)) or str(found.instance)
        way_out = f"write a number from {low} to {high}"
        if isinstance(high, int) and -(high // 2) - 1 <= found.instance < 0:
            way_out += f"; numbers have no sign here, so that {found.instance} is {found.instance + high + 1}"
        return self._error("PC0207", f"{_label(path)} is {quoted(shown)}, which is out of range", path, way_out)

    def _too_short(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        least = found.validator_value
        if found.validator == "minLength":
            way_out = "write at least one character" if least == 1 else f"write at least {least} characters"
            return self._error("PC0210", f"{_label(path)} is empty", path, way_out)
        count = len(found.instance)
        has = f"has {count} item{'s' if count > 1 else ''}" if count else "is an empty list"
        message = f"{_label(path)} {has}"
        return self._error("PC0210", message, path, f"write {_count(found.schema)}")

    def _too_long(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        unit = _UNITS[found.validator]
        message = f"{_label(path)} has {len(found.instance)} {unit}"
        way_out = f"write {_count(found.schema)}" if unit == "items" else f"at most {found.validator_value} are allowed"
        return self._error("PC0210", message, path, way_out)

    def _too_few(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        more = [key for key in found.schema.get("properties", {}) if key not in found.instance]
        said = f"says nothing but {listed(list(found.instance))}" if found.instance else "says nothing"
        # Where any name may stand, there is nothing to choose from.
        way_out = f"add one of {listed(more)}, or take it out" if more else "write at least one below it"
        return self._error("PC0210", f"{_label(path)} {said}", path, way_out)

    def _unknown(self, found: Violation) -> Diagnostic:
        """A key of a mapping that isn't the only thing that may stand there, as a reference to a variable."""
        path = (*found.absolute_path, found.message)
        near = nearest(found.message, found.schema.get("properties", {}))
        known = listed(list(found.schema.get("properties", {})))
        way_out = f"did you mean {quoted(near)}?" if near and near not in found.instance else f"only {known} may stand here"
        return replace(
            self._error("PC0201", f"{_label(tuple(found.absolute_path))} has no key {quoted(found.message)}", path, way_out),
            location=Location(self._file, self._mended.origin(path), on_key=True),
        )

    def _not_here(self, found: Violation) -> Diagnostic:
        """A key that the schema knows, but not beside these others."""
        path = tuple(found.absolute_path)
        key = str(path[-1])
        registry = self._registry(path) or {}
        if "name" not in registry:
            way_out = "add 'name:' (\"\" is the key's default value), or ask only whether the key is 'present' or 'absent'"
            return self._error(
                "PC0212", f"{quoted(key)} is about a value, but no 'name' says which", path, way_out, on_key=True
            )
        if key == "default" and ("present" in registry or "absent" in registry):
            beside = "present" if "present" in registry else "absent"
            message = f"'default' has no meaning beside {quoted(beside)}"
            return self._error("PC0213", message, path, "take it out: presence itself is the condition", on_key=True)
        types = [name for name in self._types() if self._operands(name)["properties"].get(key, True) is not False]
        message = f"{quoted(key)} is not for the type {quoted(str(registry.get('type')))}"
        return self._error("PC0211", message, path, f"it is for {listed(types, 'and')}", on_key=True)

    # Helpers

    def _types(self) -> list[str]:
        types: list[str] = self._schema["$defs"]["registry"]["properties"]["type"]["enum"]
        return types

    def _operands(self, name: str) -> dict[str, Any]:
        shared = {"expand_string": "string"}
        operands: dict[str, Any] = self._schema["$defs"][f"{shared.get(name, name)}_operands"]
        return operands

    def _error(self, code: str, message: str, path: Path, help: str, *, on_key: bool = False) -> Diagnostic:
        return error(
            code, message[:1].upper() + message[1:], Location(self._file, self._mended.origin(path), on_key=on_key), help=help
        )


def _rank(found: Violation) -> int:
    if found.validator == "false":
        return -1
    return _FIRST.index(found.validator) if found.validator in _FIRST else len(_FIRST)


def _count(schema: dict[str, Any]) -> str:
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    if least == most:
        return f"exactly {least} items"
    return f"{least} to {most} items"


def _label(path: Path) -> str:
    """A node in words: its key, or its place in a list."""
    if not path:
        return "the file"
    if isinstance(path[-1], int):
        return f"item {path[-1] + 1} of {_label(path[:-1])}"
    return quoted(path[-1])
