"""The words below `registry:` as the model has them: data converted, defaults explicit, and what a remediation writes."""

from __future__ import annotations

from typing import Any

from policyc.diagnostics import Diagnostic, Related, error, warning
from policyc.diagnostics.cures import add, remove, write
from policyc.evaluation import satisfies
from policyc.kinds.duplicates import warn_of_repeated
from policyc.kinds.registry.oddities import oddities
from policyc.kinds.registry.places import Complaint, parse_key
from policyc.model import (
    Append,
    Condition,
    CreateKey,
    Data,
    DeleteValue,
    KeepListed,
    Kind,
    Listed,
    Location,
    Operator,
    Place,
    Registry,
    RemoveTree,
    SetValue,
    Write,
    upper,
)

_KINDS: dict[str | None, Kind] = {kind.value: kind for kind in Kind}
_OPERATORS = {operator.value: operator for operator in Operator}
_ONE_OPERAND = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.AT_LEAST, Operator.AT_MOST})
_ELEMENTS = frozenset({Operator.CONTAINS, Operator.SET_EQUALS})
_LISTS = frozenset({Operator.ONE_OF, Operator.NONE_OF}) | _ELEMENTS
_WRITES_ITS_OPERAND = frozenset({Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST})


def lower(tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> Registry | None:
    """The value or key of the setting that stands at `at`; None where an error was added to `found`."""
    registry: dict[str, Any] = tree["registry"]
    place = _place(registry, at, found)
    kind = _KINDS.get(registry.get("type"))
    condition = _condition(registry, kind, at, found)
    if place is None or condition is None:
        return None
    if "recurse" in registry and not _may_recurse(registry, place, at, found):
        return None
    if condition.operator is Operator.ONLY_VALUES:
        return _list(tree, place, condition, at, found, audit=audit)
    default = _data(kind, registry["default"]) if "default" in registry else None
    pin = registry.get("pin", False)
    if pin and "default" not in registry:
        found.append(
            error(
                "PC0310",
                "'pin' needs a 'default', as without one an absent value isn't accepted for another",
                at.below("registry", "pin").key(),
                help="add 'default: …' with what Windows does where the value is absent, or take 'pin' out",
                cures=[remove(at.below("registry", "pin"))],
            )
        )
        return None
    errors = len(found)
    write = _write(tree, registry, place, kind, condition, at, found, audit=audit)
    if any(added.is_error for added in found[errors:]):
        return None
    return Registry(place, condition, kind, default=default, pin=pin, write=None if audit else write)


def _place(registry: dict[str, Any], at: Location, found: list[Diagnostic]) -> Place | None:
    key = parse_key(registry["key"], registry.get("view"))
    if isinstance(key, Complaint):
        found.append(error(key.code, key.message, at.below("registry", key.about), help=key.help))
        return None
    if key.doubt is not None:
        found.append(warning(key.doubt.code, key.doubt.message, at.below("registry", key.doubt.about), help=key.doubt.help))
    found += oddities(registry, key, _KINDS.get(registry.get("type")), at.below("registry"))
    return Place(key.hive, key.view, key.key, registry.get("name"))


def _may_recurse(registry: dict[str, Any], place: Place, at: Location, found: list[Diagnostic]) -> bool:
    """Whether `recurse` stands beside what it belongs to, and the key is one that may go with everything below it."""
    node = at.below("registry", "recurse")
    if "absent" not in registry or place.name is not None:
        found.append(
            error(
                "PC0355",
                "'recurse' removes a key with everything below it, and this setting is about "
                + ("one value" if place.name is not None else "a key that isn't to go"),
                node.key(),
                help="take 'recurse' out, or write 'absent: true' without 'name'",
                cures=[remove(node)],
            )
        )
        return False
    from policyc.kinds.registry.needed import needed

    why = needed(place)
    if why is not None:
        found.append(
            error(
                "PC0356",
                f"{place} is never removed with everything below it: {why}",
                at.below("registry", "key"),
                help="name the key below it that must go, or take 'recurse' out: the key is then only reported",
                cures=[remove(node)],
            )
        )
    return why is None


def _condition(registry: dict[str, Any], kind: Kind | None, at: Location, found: list[Diagnostic]) -> Condition | None:
    operator = next(_OPERATORS[word] for word in registry if word in _OPERATORS)
    raw = registry[operator]
    exact_case = registry.get("case") == "exact"
    if operator in _ONE_OPERAND:
        return Condition(operator, (_data(kind, raw),), exact_case)
    if operator in (Operator.PRESENT, Operator.ABSENT, Operator.ONLY_VALUES):
        return Condition(operator, (), exact_case)
    node = at.below("registry", operator.value)
    if operator is Operator.MATCHES:
        return Condition(operator, (raw,), exact_case) if _check_pattern(raw, node, found, exact_case=exact_case) else None
    operands = tuple(raw) if operator in _ELEMENTS else tuple(_data(kind, item) for item in raw)
    if operator in _LISTS:
        warn_of_repeated(operands, node, found, exact_case=exact_case, can_be_exact=kind is not None and not kind.is_number)
    elif raw[0] > raw[1]:
        message = f"no number is at least {raw[0]} and at most {raw[1]}"
        found.append(
            error(
                "PC0311",
                message,
                node,
                help=f"write the lower bound first: [{raw[1]}, {raw[0]}]",
                cures=[write(node, f"[{raw[1]}, {raw[0]}]")],
            )
        )
        return None
    return Condition(operator, operands, exact_case)


def _list(
    tree: dict[str, Any], place: Place, condition: Condition, at: Location, found: list[Diagnostic], *, audit: bool
) -> Registry | None:
    """A key with all of its values; None where two of them are one to Windows."""
    registry: dict[str, Any] = tree["registry"]
    raw = registry["only_values"]
    node = at.below("registry", "only_values")
    named = raw if isinstance(raw, dict) else {str(number): data for number, data in enumerate(raw, 1)}
    values: dict[str, Listed] = {}
    for name, data in named.items():
        twin = values.get(upper(name))
        if twin is not None:
            found.append(
                error(
                    "PC0354",
                    f"'{twin.name}' and '{name}' are one value to Windows, which doesn't mind the case of letters in names",
                    node.below(name).key(),
                    help="take one of the two out",
                    cures=[remove(node.below(name))],
                    related=[Related(node.below(twin.name).key(), "the same value is here")],
                )
            )
            return None
        said = data if isinstance(data, dict) else {"type": registry["type"], "data": data}
        kind = _KINDS[said["type"]]
        values[upper(name)] = Listed(name, kind, _data(kind, said["data"]))
    write = KeepListed() if tree.get("remediate", True) and not audit else None
    return Registry(place, condition, write=write, values=tuple(values.values()))


def _data(kind: Kind | None, raw: Any) -> Data:  # noqa: ANN401 (a node of YAML)
    """A scalar or list of the policy as the registry holds it; the schema has seen to its shape."""
    if kind is Kind.MULTI_STRING:
        return tuple(raw)
    if kind is Kind.BINARY:
        return bytes.fromhex(raw)
    if kind is not None and kind.is_number:
        return int(raw)
    return str(raw)


def _check_pattern(pattern: str, node: Location, found: list[Diagnostic], *, exact_case: bool) -> bool:
    from policyc.evaluation.patterns import PatternError, translate

    try:
        translate(pattern, exact_case=exact_case)
    except PatternError as refused:
        message = f"the pattern can't be used, at its character {refused.column}: {refused.message}"
        found.append(error("PC0313", message, node, help=refused.help))
        return False
    return True


def _write(
    tree: dict[str, Any],
    registry: dict[str, Any],
    place: Place,
    kind: Kind | None,
    condition: Condition,
    at: Location,
    found: list[Diagnostic],
    *,
    audit: bool,
) -> Write | None:
    """What a remediation does. Adds to `found` what is missing, contradictory or without effect."""
    remediate = tree.get("remediate", True)
    if place.name is None:
        return _write_key(tree, condition, at, found)
    if "set" in registry:
        replacement = _data(kind, registry["set"])
        if not satisfies(condition, kind, replacement):
            found.append(
                error(
                    "PC0308",
                    f"what 'set' writes doesn't satisfy '{condition.operator}'",
                    at.below("registry", "set"),
                    help="write a value that does"
                    if condition.operator is not Operator.ABSENT
                    else "take 'set' out, the value is deleted",
                    cures=[remove(at.below("registry", "set"))] if condition.operator is Operator.ABSENT else (),
                    related=[Related(at.below("registry", condition.operator.value), "the condition")],
                )
            )
        elif not remediate:
            found.append(
                warning(
                    "PC0309",
                    "'set' is never written, as the setting is only reported",
                    at.below("registry", "set").key(),
                    help="take out 'set', or 'remediate: false'",
                    cures=[remove(at.below("registry", "set")), remove(at.below("remediate"))],
                    related=[Related(at.below("remediate"), "only reported")],
                )
            )
        return SetValue(replacement) if remediate else None
    if not remediate:
        return None
    match condition.operator:
        case operator if operator in _WRITES_ITS_OPERAND:
            return SetValue(condition.operands[0])
        case Operator.ABSENT:
            return DeleteValue()
        case Operator.CONTAINS:
            return Append(tuple(registry["contains"]))
    if not audit:
        found.append(
            error(
                "PC0307",
                f"'{condition.operator}' doesn't say what a remediation is to write",
                at.below("registry", condition.operator.value).key(),
                help="add 'set: …'" + (" and 'type: …'" if kind is None else "") + ", or 'remediate: false' beside 'registry'",
                cures=[add(at.below("remediate"), "false")],
            )
        )
    return None


def _write_key(tree: dict[str, Any], condition: Condition, at: Location, found: list[Diagnostic]) -> Write | None:
    if condition.operator is Operator.PRESENT:
        return CreateKey() if tree.get("remediate", True) else None
    if tree["registry"].get("recurse"):
        return RemoveTree() if tree.get("remediate", True) else None
    if tree.get("remediate"):
        found.append(
            warning(
                "PC0314",
                "a key that must be absent is reported and never removed, so 'remediate: true' does nothing",
                at.below("remediate"),
                help="write 'remediate: false', or name the values below the key that must be absent, or have it removed with"
                " everything below it: 'recurse: true' beside 'absent'",
                cures=[write(at.below("remediate"), "false")],
            )
        )
    return None
