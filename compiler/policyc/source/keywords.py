"""jsonschema with keywords whose errors say exactly one thing each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jsonschema
from jsonschema import Draft202012Validator, ValidationError

from policyc.source.untyped import Node, Tree, Validator

Errors = Iterator[ValidationError]


def strict_validator(schema: dict[str, Any]) -> Validator:
    """A validator of draft 2020-12 to which `5.0` is no integer: the language has no floats.

    The message of an error of `required`, `additionalProperties` and `propertyNames` is the key.
    """
    return _Strict(schema)


def fits(schema: dict[str, Any], part: Node, value: Tree) -> bool:
    """Whether a part of the schema accepts a value."""
    return part is not False and bool(strict_validator(schema).evolve(schema=part).is_valid(value))


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # In the schema's pattern language, `$` never matches before a last line end.
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)


def _pattern(validator: Validator, pattern: str, instance: Tree, _: Node) -> Errors:
    if validator.is_type(instance, "string") and not _compiled(pattern).search(instance):
        yield ValidationError("pattern")


def _required(validator: Validator, required: list[str], instance: Tree, _: Node) -> Errors:
    if validator.is_type(instance, "object"):
        yield from (ValidationError(key) for key in required if key not in instance)


def _properties(validator: Validator, properties: Node, instance: Tree, _: Node) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for key, part in properties.items():
        if key in instance and part is False:
            # jsonschema would name the mapping, not the key.
            yield ValidationError("not here", validator="false", path=[key], instance=instance[key], schema=part)
        elif key in instance:
            yield from validator.descend(instance[key], part, path=key, schema_path=key)


def _additional_properties(validator: Validator, allowed: Node, instance: Tree, schema: Node) -> Errors:
    # Of a mapping that is too long, that is said and no more.
    if not validator.is_type(instance, "object") or len(instance) > schema.get("maxProperties", len(instance)):
        return
    for key, value in instance.items():
        if key in schema.get("properties", ()):
            continue
        if allowed is False:
            yield ValidationError(key)
        else:
            yield from validator.descend(value, allowed, path=key)


def _property_names(validator: Validator, names: Node, instance: Tree, schema: Node) -> Errors:
    if validator.is_type(instance, "object") and len(instance) <= schema.get("maxProperties", len(instance)):
        yield from (ValidationError(key) for key in instance if not validator.evolve(schema=names).is_valid(key))


def _one_of(validator: Validator, branches: list[Any], instance: Tree, _: Node) -> Errors:
    if sum(validator.evolve(schema=branch).is_valid(instance) for branch in branches) != 1:
        yield ValidationError("oneOf")


def _items(validator: Validator, items: Node, instance: Tree, schema: Node) -> Errors:
    # Of a list that is too long, that is said and no more.
    if validator.is_type(instance, "array") and len(instance) <= schema.get("maxItems", len(instance)):
        for index, item in enumerate(instance):
            yield from validator.descend(item, items, path=index)


def _is_integer(_: object, instance: Tree) -> bool:
    return isinstance(instance, int) and not isinstance(instance, bool)


_Strict = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "pattern": _pattern,
        "properties": _properties,
        "required": _required,
        "additionalProperties": _additional_properties,
        "propertyNames": _property_names,
        "oneOf": _one_of,
        "items": _items,
    },
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)
