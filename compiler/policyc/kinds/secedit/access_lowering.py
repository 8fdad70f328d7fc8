"""The words below `account_policy:` and `security_option:` as the model has them: numbers in Windows' unit, `never`, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policyc.diagnostics import Diagnostic, Related, error, warning
from policyc.diagnostics.cures import add, remove, write
from policyc.evaluation import UNREADABLE, Held, State, satisfies
from policyc.kinds.secedit.access import SWITCH, AccessPlace, shown
from policyc.kinds.secedit.keys import NEVER, AccessKey, keys
from policyc.model import Condition, Data, Hive, Kind, Location, Operator, Place, Registry, SetValue, View, Write, upper
from policyc.source.wording import listed, nearest, quoted

_ANYWHERE = Place(Hive.MACHINE, View.BITS_64, "", None)
_OPERATORS = {operator.value: operator for operator in Operator}
_LISTS = frozenset({Operator.BETWEEN, Operator.ONE_OF, Operator.NONE_OF})
_WRITTEN = frozenset({Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST})
_OF_SWITCHES = frozenset({Operator.EQUALS})
_OF_NAMES = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.ONE_OF, Operator.NONE_OF})
_MINUTES = {"minute": 1, "hour": 60, "day": 1440}
_AMOUNT = re.compile(r"([0-9]{1,6}) *([a-z]+?)s?")
_NO_NAME = re.compile(r'["/\\\[\]:;|=,+*?<>@\x00-\x1f]')
_LONGEST_NAME = 20
_KERBEROS = ("MaxServiceAge", "MaxTicketAge", "MaxRenewAge", "MaxClockSkew", "TicketValidateClient")
_OTHER = {"account_policy": ("security_option", "option"), "security_option": ("account_policy", "policy")}


def lower(
    kind: str, called: str, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool
) -> tuple[AccessPlace, Registry] | None:
    """The policy or option of the setting that stands at `at`; None where an error was added to `found`."""
    said, node = tree[kind], at.below(kind)
    key = _key(kind, said[called], node.below(called), found)
    if key is None:
        return None
    errors = len(found)
    operator = next(_OPERATORS[word] for word in said if word in _OPERATORS)
    condition = _condition(key, operator, said[operator.value], node.below(operator.value), found)
    replacement = _data(key, said["set"], node.below("set"), found) if "set" in said else None
    if condition is None or any(one.is_error for one in found[errors:]):
        return None
    to = _write(key, tree, condition, replacement, node, found, audit=audit)
    if any(one.is_error for one in found[errors:]):
        return None
    if key.word == "administrator-status" and to == SetValue(0) and not audit:
        found.append(_only_administrator(node.below(operator.value)))
    kept = Kind.STRING if key.is_name else Kind.DWORD
    return AccessPlace(kind, key), Registry(_ANYWHERE, condition, kept, write=None if audit else to)


def stated(
    kind: str, tree: dict[str, Any], at: Location, found: list[Diagnostic]
) -> Iterator[tuple[AccessPlace, State, Location]]:
    """What is set, as a state or a test says it."""
    for word, said in tree.items():
        node = at.below(word)
        key = _key(kind, word, node.key(), found)
        if key is None:
            continue
        data = None if said == "unreadable" else _data(key, said, node, found)
        if said == "unreadable":
            yield AccessPlace(kind, key), UNREADABLE, node
        elif data is not None:
            yield AccessPlace(kind, key), Held(Kind.STRING if key.is_name else Kind.DWORD, data), node


def _only_administrator(at: Location) -> Diagnostic:
    return warning(
        "PC1208",
        "the built-in administrator is disabled, and no policy tells whether a device has another",
        at,
        help="make sure of another enabled member of Administrators, or give it another name instead: 'administrator-name'",
    )


def _key(kind: str, word: str, at: Location, found: list[Diagnostic]) -> AccessKey | None:
    known = keys(kind)
    if word in known:
        return known[word]
    what = kind.replace("_", " ")
    if upper(word) in map(upper, _KERBEROS) or word.lower().startswith("kerberos"):
        found.append(
            error(
                "PC1202",
                f"{quoted(word)} is a policy of Kerberos, which domain controllers alone have, for their whole domain",
                at,
                help="set it in the Default Domain Policy, and take the setting out",
            )
        )
        return None
    other_kind, other_called = _OTHER[kind]
    spellings = {one: key for key in known.values() for one in (key.word, key.constant, key.title)}
    others = {one: key for key in keys(other_kind).values() for one in (key.word, key.constant, key.title)}
    guess = nearest(word, spellings)
    if guess is not None:
        meant = spellings[guess].word
        found.append(error("PC1201", f"there is no {what} {quoted(word)}", at, help=f"write {meant}", cures=[write(at, meant)]))
        return None
    guess = nearest(word, others)
    if guess is not None:
        way_out = f"write '{other_kind}: {{{other_called}: {others[guess].word}, …}}'"
    else:
        way_out = f"write one of {listed(known)}"
    found.append(error("PC1201", f"there is no {what} {quoted(word)}", at, help=way_out))
    return None


def _condition(key: AccessKey, operator: Operator, raw: Any, at: Location, found: list[Diagnostic]) -> Condition | None:  # noqa: ANN401
    possible = _OF_SWITCHES if key.is_switch else _OF_NAMES if key.is_name else frozenset(Operator)
    if operator not in possible:
        what = "enabled or disabled" if key.is_switch else "a name"
        words = listed(one.value for one in Operator if one in possible)
        found.append(
            error("PC1204", f"'{operator}' doesn't fit '{key.word}', which is {what}", at.key(), help=f"write {words}")
        )
        return None
    if operator not in _LISTS:
        data = _data(key, raw, at, found)
        return None if data is None else Condition(operator, (data,))
    many = [_data(key, one, at.below(index), found) for index, one in enumerate(raw)]
    operands = tuple(one for one in many if one is not None)
    if len(operands) < len(many):
        return None
    if operator is Operator.BETWEEN and _order(operands[0]) > _order(operands[1]):
        found.append(
            error(
                "PC0311",
                f"nothing is at least {shown(key, operands[0])} and at most {shown(key, operands[1])}",
                at,
                help=f"write the lower bound first: [{raw[1]}, {raw[0]}]",
            )
        )
        return None
    return Condition(operator, operands)


def _order(data: Data) -> int:
    return data if isinstance(data, int) else 0


def _data(key: AccessKey, raw: Any, at: Location, found: list[Diagnostic]) -> Data | None:  # noqa: ANN401 (a node of YAML)
    if key.is_name:
        return _name(key, raw, at, found)
    if key.is_switch:
        if raw in SWITCH:
            return SWITCH.index(raw)
        found.append(_value(key, raw, at, "write 'enabled' or 'disabled'"))
        return None
    if raw == "never" and key.has_never:
        return NEVER
    number = _number(key, raw)
    if number is not None and key.least <= number <= key.most:
        return number
    never = ", or 'never'" if key.has_never else ""
    found.append(_value(key, raw, at, f"write a number of {key.unit}s from {key.least} to {key.most}{never}"))
    return None


def _number(key: AccessKey, raw: Any) -> int | None:  # noqa: ANN401 (a node of YAML)
    """Of `15`, `15 minutes` or `1 hour`; None where it isn't a whole number of the policy's unit."""
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        return None
    if isinstance(raw, int):
        return raw
    amount = _AMOUNT.fullmatch(raw.lower())
    if amount is None:
        return None
    number, unit = int(amount[1]), amount[2]
    if unit == key.unit:
        return number
    if unit not in _MINUTES or key.unit not in _MINUTES or number * _MINUTES[unit] % _MINUTES[key.unit]:
        return None
    return number * _MINUTES[unit] // _MINUTES[key.unit]


def _name(key: AccessKey, raw: Any, at: Location, found: list[Diagnostic]) -> str | None:  # noqa: ANN401 (a node of YAML)
    if isinstance(raw, str) and 0 < len(raw) <= _LONGEST_NAME and not _NO_NAME.search(raw) and raw.strip(" .") == raw:
        return raw
    way_out = f"write a name of up to {_LONGEST_NAME} characters, without any of {_CHARACTERS}, in quotes where it is a number"
    found.append(_value(key, raw, at, way_out))
    return None


_CHARACTERS = '" / \\ [ ] : ; | = , + * ? < > @'


def _value(key: AccessKey, raw: object, at: Location, help: str) -> Diagnostic:
    return error("PC1203", f"{quoted(str(raw))} is nothing that '{key.word}' can be", at, help=help)


def _write(
    key: AccessKey,
    tree: dict[str, Any],
    condition: Condition,
    replacement: Data | None,
    at: Location,
    found: list[Diagnostic],
    *,
    audit: bool,
) -> Write | None:
    remediate = tree.get("remediate", True)
    operator = condition.operator
    if replacement is None:
        if not remediate:
            return None
        if operator in _WRITTEN:
            return SetValue(condition.operands[0])
        if not audit:
            found.append(
                error(
                    "PC0307",
                    f"'{operator}' doesn't say what a remediation is to write",
                    at.below(operator.value).key(),
                    help=f"add 'set: …', or 'remediate: false' beside '{at.path[-1]}'",
                    cures=[add(Location(at.file, (*at.path[:-1], "remediate")), "false")],
                )
            )
        return None
    if not satisfies(condition, Kind.STRING if key.is_name else Kind.DWORD, replacement):
        found.append(
            error(
                "PC0308",
                f"what 'set' writes, {shown(key, replacement)}, doesn't satisfy '{operator}'",
                at.below("set"),
                help="write a value that does",
                related=[Related(at.below(operator.value), "the condition")],
            )
        )
    elif not remediate:
        found.append(
            warning(
                "PC0309",
                "'set' is never written, as the setting is only reported",
                at.below("set").key(),
                help="take out 'set', or 'remediate: false'",
                cures=[remove(at.below("set")), remove(Location(at.file, (*at.path[:-1], "remediate")))],
            )
        )
    return SetValue(replacement) if remediate else None
