"""jsonschema's errors in an administrator's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from policyc.diagnostics import Diagnostic, Related, error
from policyc.diagnostics.cures import Cure, add, nest, remove, rename, write
from policyc.model import Location
from policyc.source.keywords import fits
from policyc.source.labels import BY_KEY, NUMBERS, UNITS, how_many, label, rank
from policyc.source.levels import resolved
from policyc.source.marks import Marks
from policyc.source.mending import Mended, Path
from policyc.source.other_words import KEYS, plain
from policyc.source.untyped import Violation
from policyc.source.wording import as_yaml, listed, nearest, quoted
from policyc.source.wrong_kinds import wrong_kinds
from policyc.source.wrong_types import WrongType, explain_type
from policyc.source.wrong_values import can_be, form_help, id_meant, meaningless, range_help, word_help


class Mistakes:
    """Translates the errors of one mended tree."""

    def __init__(self, file: str, schema: dict[str, Any], marks: Marks, mended: Mended) -> None:
        self._file = file
        self._schema = schema
        self._marks = marks
        self._mended = mended
        self._unclear = set(mended.unclear)
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
        self._unclear |= {tuple(found.absolute_path) for found in errors if found.validator == "additionalProperties"}
        for found in errors:
            path = tuple(found.absolute_path)
            if self._follows(found, path):
                continue
            # A mapping may lack several keys, or have several wrong names: each is a mistake of its own.
            own = found.message if found.validator in BY_KEY else ""
            known = by_node.setdefault((path, own), found)
            if rank(found) < rank(known):
                by_node[path, own] = found
        for found in by_node.values():
            yield self._by_keyword[found.validator](found)

    def _follows(self, found: Violation, path: Path) -> bool:
        """Whether it only follows from what is a finding of its own."""
        below = found.instance if found.validator == "oneOf" and isinstance(found.instance, dict) else ()
        if self._mended.guessed.intersection([path, *((*path, key) for key in below)]):
            return True
        # What is lacking, or doesn't fit the others, may be said by the key that nobody knows.
        holder = path[:-1] if found.validator == "false" else path
        if holder in self._unclear and found.validator in ("required", "oneOf", "false", "minProperties"):
            return True
        registry = self._registry(path)
        if registry is None or "name" in registry or "only_values" in registry or found.validator in ("oneOf", "required"):
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
        key: str = found.message
        about = resolved(self._schema, resolved(self._schema, found.schema).get("properties", {}).get(key, {}))
        choices: tuple[str, ...] = ()
        if key == "type" or "enum" in about:
            choices = tuple(self._types_that_take(path)) if key == "type" else tuple(map(str, about["enum"]))
            way_out = f"write '{key}: {choices[0]}'" if len(choices) == 1 else f"add '{key}:' with one of {listed(choices)}"
        else:
            example = about.get("examples", [None])[0]
            choices = (as_yaml(example),) if isinstance(example, str) else ()
            way_out = f"add a line such as '{key}: {choices[0]}'" if choices else f"add '{key}:'"
        where = f"{label(path)} has no" if path else "The file has no"
        cures = [add(self._place((*path, key)), choice) for choice in choices]
        return self._error("PC0203", f"{where} {quoted(key)}", path, way_out, cures)

    def _type(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        origin = self._mended.origin(path)
        written = self._marks.written(origin)
        wrong = explain_type(label(path), found.validator_value, found.instance, written, self._marks.is_plain(origin))
        if "typeErrorMessage" in found.schema:
            return self._error(wrong.code, wrong.message, path, found.schema["typeErrorMessage"])
        text = written if written is not None else str(found.instance)
        if found.validator_value == "string" and wrong.code == "PC0205" and not fits(self._schema, found.schema, text):
            return self._other_text(found, path, text, wrong)
        choices = [choice for choice in wrong.choices if can_be(self._schema, found.schema, choice)]
        if wrong.choices == ('""',) and not choices:
            return self._error(wrong.code, wrong.message, path, "write a value after the colon")
        if wrong.choices and not choices and found.validator_value == "integer" and not isinstance(found.instance, list):
            return self._range_of(path, text, int(wrong.choices[0], 0), found.schema)
        cures = [nest(self._place(path), wrong.key)] if wrong.key else [write(self._place(path), text) for text in choices]
        return self._error(wrong.code, wrong.message, path, wrong.help, cures)

    def _other_text(self, found: Violation, path: Path, text: str, wrong: WrongType) -> Diagnostic:
        """Text that needs quotes, and something else as well: then that is said."""
        if "enum" in found.schema:
            return self._word(path, text, found.schema["enum"])
        way_out, choices = form_help(self._schema, found.schema, text, found.schema.get("patternErrorMessage", "another text"))
        return self._error(wrong.code, wrong.message, path, way_out, [write(self._place(path), text) for text in choices])

    def _enum(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        return self._word(path, str(found.instance), found.validator_value)

    def _word(self, path: Path, text: str, words: list[Any]) -> Diagnostic:
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        way_out, choices = word_help(key, text, words)
        shown = self._marks.written(self._mended.origin(path)) or text
        message = f"{label(path)} can't be {quoted(shown)}, only {listed(map(str, words))}"
        return self._error("PC0206", message, path, way_out, [write(self._place(path), choice) for choice in choices])

    def _const(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        # In a state, and in a test, there is only `absent`.
        opposite = {"present": "absent", "absent": "present"}.get(str(path[-1]), "") if "registry" in path[2:3] else ""
        way_out = f"write '{opposite}: true'" if opposite else "write true"
        place = self._place(path)
        cure = (*write(place, "true"), *rename(place, opposite)) if opposite else write(place, "true")
        return self._error("PC0206", f"{label(path)} takes only true", path, way_out, [cure])

    def _conditions(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        every = [branch["required"][0] for branch in found.validator_value]
        given = [key for key in found.instance if key in every]
        if "registry" in every:
            places = [Location(self._file, self._mended.origin((*path, key)), on_key=True) for key in given]
            return wrong_kinds(label(path), self._place(path), every, given, places)
        if not given:
            kind = found.instance.get("type")
            operands = self._operands(kind)["properties"] if kind in self._types() else {}
            return self._error(
                "PC0209",
                f"{label(path)} has no condition",
                path,
                f"add one of {listed(key for key in every if operands.get(key, True) is not False)}",
            )
        message = f"{label(path)} has {len(given)} conditions, {listed(given, 'and')}"
        places = [Location(self._file, self._mended.origin((*path, key)), on_key=True) for key in given]
        way_out = "keep one: a second condition is a setting of its own, a range is 'between'"
        cures = [tuple(edit for other in places if other is not kept for edit in remove(other)) for kept in places]
        related = [Related(places[0], "the first one is here")]
        return error("PC0209", message, places[1], help=way_out, related=related, cures=cures)

    def _pattern(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        wanted = found.schema.get("patternErrorMessage", "another form")
        way_out, choices = form_help(self._schema, found.schema, found.instance, wanted)
        cures = [write(self._place(path), choice) for choice in choices]
        return self._error("PC0208", f"{label(path)} is {quoted(found.instance)}", path, way_out, cures)

    def _name(self, found: Violation) -> Diagnostic:
        names = found.validator_value
        article, what = ("a", "name") if "only_values" in found.absolute_path else ("an", "id")
        place = Location(self._file, self._mended.origin((*found.absolute_path, found.message)), on_key=True)
        if len(found.message) > names["maxLength"]:
            message = f"The {what} {quoted(found.message)} has {len(found.message)} characters"
            return error("PC0210", message, place, help=f"use at most {names['maxLength']}")
        way_out, meant = f"use {names['patternErrorMessage']}", id_meant(found.message)
        is_one = fits(self._schema, names, meant) and meant not in found.instance
        return error(
            "PC0208",
            f"{quoted(found.message)} can't be {article} {what}",
            place,
            help=f"{way_out}: {quoted(meant)}" if is_one else way_out,
            cures=[rename(place, meant)] if is_one else (),
        )

    def _range(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        shown = self._marks.written(self._mended.origin(path)) or str(found.instance)
        return self._range_of(path, shown, found.instance, found.schema)

    def _range_of(self, path: Path, shown: str, number: int, part: dict[str, Any]) -> Diagnostic:
        way_out, choices = range_help(number, part.get("minimum", 0), part.get("maximum"))
        cures = [write(self._place(path), choice) for choice in choices]
        return self._error("PC0207", f"{label(path)} is {quoted(shown)}, which is out of range", path, way_out, cures)

    def _too_short(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        if found.validator == "minLength":
            return self._error("PC0210", f"{label(path)} is empty", path, "write at least one character")
        count = len(found.instance)
        has = f"has {count} item{'s' if count > 1 else ''}" if count else "is an empty list"
        message = f"{label(path)} {has}"
        return self._error("PC0210", message, path, f"write {how_many(found.schema)}")

    def _too_long(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        unit = UNITS[found.validator]
        message = f"{label(path)} has {len(found.instance)} {unit}"
        way_out = f"write {how_many(found.schema)}" if unit == "items" else f"at most {found.validator_value} are allowed"
        return self._error("PC0210", message, path, way_out)

    def _too_few(self, found: Violation) -> Diagnostic:
        path = tuple(found.absolute_path)
        more = [key for key in found.schema.get("properties", {}) if key not in found.instance]
        said = f"says nothing but {listed(list(found.instance))}" if found.instance else "says nothing"
        # Where any name may stand, there is nothing to choose from.
        way_out = f"add one of {listed(more)}, or take it out" if more else "write at least one below it"
        return self._error("PC0210", f"{label(path)} {said}", path, way_out, [remove(self._place(path))] if more else ())

    def _unknown(self, found: Violation) -> Diagnostic:
        """A key of a mapping in a list, or of one that isn't the only thing that may stand there."""
        path = (*found.absolute_path, found.message)
        properties = found.schema.get("properties", {})
        of_list = next((step for step in reversed(path[:-1]) if isinstance(step, str)), "")
        theirs = KEYS.get((of_list,), {}).get(plain(found.message), ())
        free = [key for key in properties if key not in found.instance]
        near = next((ours for ours in theirs if ours in free), None) or nearest(found.message, free)
        way_out = f"did you mean {quoted(near)}?" if near else f"known here: {listed(properties, 'and')}"
        takes_it = near is not None and fits(self._schema, properties[near], found.instance[found.message])
        cures = [rename(self._place(path), near)] if near is not None and takes_it else ()
        return self._error(
            "PC0201", f"{quoted(found.message)} is not known in {label(path[:-1])}", path, way_out, cures, on_key=True
        )

    def _not_here(self, found: Violation) -> Diagnostic:
        """A key that the schema knows, but not beside these others."""
        path = tuple(found.absolute_path)
        key = str(path[-1])
        registry = self._registry(path) or {}
        if (beside := meaningless(key, registry)) is not None:
            wrong = (*path[:-1], beside[0])
            return self._error("PC0213", beside[1], wrong, beside[2], [remove(self._place(wrong))], on_key=True)
        if "name" not in registry and "only_values" not in registry:
            way_out = "add 'name:' (\"\" is the key's default value), or ask only whether the key is 'present' or 'absent'"
            cures = [add(self._place((*path[:-1], "name")), '""')]
            message = f"{quoted(key)} is about a value, but no 'name' says which"
            return self._error("PC0212", message, path, way_out, cures, on_key=True)
        types = [name for name in self._types() if self._operands(name)["properties"].get(key, True) is not False]
        message = f"{quoted(key)} is not for the type {quoted(str(registry.get('type')))}"
        cures = [
            write(self._place((*path[:-1], "type")), kind) for kind in types if key in NUMBERS and self._takes(kind, registry)
        ]
        return self._error("PC0211", message, path, f"it is for {listed(types, 'and')}", cures, on_key=True)

    # Helpers

    def _types(self) -> list[str]:
        types: list[str] = self._schema["$defs"]["registry"]["properties"]["type"]["enum"]
        return types

    def _operands(self, name: str) -> dict[str, Any]:
        shared = {"expand_string": "string"}
        operands: dict[str, Any] = self._schema["$defs"][f"{shared.get(name, name)}_operands"]
        return operands

    def _types_that_take(self, path: Path) -> list[str]:
        """The types to which all data of a value belongs; all of them where there is none such."""
        registry = self._registry((*path, "type")) or {}
        return [kind for kind in self._types() if self._takes(kind, registry)] or self._types()

    def _takes(self, kind: str, registry: dict[str, Any]) -> bool:
        return fits(self._schema, self._operands(kind), {**registry, "type": kind})

    def _place(self, path: Path) -> Location:
        """Where a node of the mended tree stands in the file, or would stand."""
        return Location(self._file, self._mended.origin(path))

    def _error(
        self, code: str, message: str, path: Path, help: str, cures: Iterable[Cure] = (), *, on_key: bool = False
    ) -> Diagnostic:
        place = Location(self._file, self._mended.origin(path), on_key=on_key)
        return error(code, message[:1].upper() + message[1:], place, help=help, cures=cures)
