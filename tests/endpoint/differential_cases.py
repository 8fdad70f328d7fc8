"""Random settings, as YAML trees, and random devices for them: the number of a family and a seed give it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from endpoint import differential_data as some
from endpoint.cases import BEYOND_DOTNET
from endpoint.registry import State, Value, value
from policyc.evaluation import satisfies
from policyc.model import Condition, Data, Kind, Operator, upper

Tree: TypeAlias = dict[str, Any]
Step: TypeAlias = tuple[str, str, str, Value | None]
"""`value`, `unset`, `key` or `wipe`; path; name; the new value."""

TEST_KEY = "policyc-test"
TEXTS = (Kind.STRING, Kind.EXPAND_STRING)
NUMBERS = (Kind.DWORD, Kind.QWORD)
_EQUAL = (Operator.EQUALS, Operator.NOT_EQUALS, Operator.ONE_OF, Operator.NONE_OF)
_THERE = (Operator.PRESENT, Operator.ABSENT)
OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    **dict.fromkeys(TEXTS, (*_EQUAL, Operator.MATCHES, Operator.MATCHES, *_THERE)),
    **dict.fromkeys(NUMBERS, (*_EQUAL, Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN, *_THERE)),
    Kind.MULTI_STRING: (*_EQUAL, Operator.CONTAINS, Operator.CONTAINS, Operator.SET_EQUALS, *_THERE),
    Kind.BINARY: (*_EQUAL, *_THERE),
}


@dataclass(frozen=True, slots=True)
class World:
    """What a device is, beside the places of the settings."""

    users: tuple[str, ...]
    build: int
    installation_type: str
    ours: bool
    """The endpoint is the run's own: users and the version of Windows can be made."""


@dataclass(frozen=True, slots=True)
class Family:
    """Settings on a few keys of their own, and what a device holds there: apart from every other family."""

    number: int
    trees: Mapping[str, Tree]
    """Settings by id, in the words of the language."""
    before: State
    cleared: frozenset[str] = frozenset()
    """Settings that are undone by clearing, which only a product's vocabulary asks for."""
    lone: bool = False
    """`some.LONE` stands for half of a surrogate pair, put into the model, as YAML has no such thing."""
    steps: tuple[Step, ...] | None = None
    """What somebody changes between remediation and rollback; None: chosen by the family's own number."""
    between: tuple[Step, ...] | None = None
    """What somebody changes of the values between two remediations; None: likewise."""


def make_family(seed: int, number: int, world: World) -> Family:
    """The family of this number."""
    rng = Random(f"{seed}/{number}")
    return _Maker(rng, number, world).family()


@dataclass(slots=True)
class _Maker:
    rng: Random
    number: int
    world: World
    before: dict[str, dict[str, Value]] = field(default_factory=dict)

    def family(self) -> Family:
        rng = self.rng
        hive, roots, spelled = self._root()
        count = rng.choice((1, 1, 1, 1, 2, 2, 3, 5))
        # Windows reserves this name in the 32-bit view, and stand-ins open it there as they like.
        parts = [part for part in some.PARTS if not (hive.startswith("HKLM") and hive != "HKLM" and part == "Wow6432Node")]
        keys = [""] + [self._below(parts) for _ in range(rng.choice((0, 1, 2)))]
        trees: dict[str, Tree] = {}
        taken: dict[tuple[str, str], Tree] = {}
        for at in range(count):
            key = rng.choice(keys)
            tree = self._setting(spelled, hive, key, taken)
            trees[f"g{self.number}-s{at}"] = tree
            if tree["registry"].get("absent") and "name" not in tree["registry"]:
                break  # Nothing else may ask for what is in this key.
        lone = rng.random() < 0.03
        for root in roots:
            self._state(root, keys, trees)
        cleared = frozenset(
            name
            for name, tree in trees.items()
            if tree["registry"].get("type") == "string"
            and isinstance(tree["registry"].get("equals"), str)
            and rng.random() < 0.6
        )
        # With numbers of its own, so that a seed gives all else as it did before there were lists.
        self.rng = Random(f"list/{self.number}/{rng.random()}")
        if self.rng.random() < 0.15:
            trees[f"g{self.number}-only"] = self._list(spelled, hive, roots)
        before = {path: dict(values) for path, values in self.before.items()}
        if lone:
            before = {path: {name: with_lone(held) for name, held in values.items()} for path, values in before.items()}
        return Family(self.number, trees, before, cleared, lone)

    def _root(self) -> tuple[str, list[str], str]:
        """The hive, the key's paths for the harness, and as a policy spells it."""
        rng, last = self.rng, rf"{TEST_KEY}\g{self.number}"
        way = rng.random()
        if way < 0.2 and (self.world.users or self.world.ours):
            spelled = rng.choice(("HKCU", "HKEY_CURRENT_USER", "hkcu:")) + rng.choice((r"\Software", r"\SOFTWARE"))
            return "HKCU", [rf"HKU\{user}\Software\{last}" for user in self.world.users], rf"{spelled}\{last}"
        if 0.2 <= way < 0.27:
            account = rng.choice((r"HKU\.DEFAULT", r"HKU\S-1-5-18", r"HKU\S-1-5-19", r"HKU\S-1-5-20"))
            spelled = account.replace("HKU", rng.choice(("HKU", "HKEY_USERS", "hku:")))
            return "HKU", [rf"{account.replace('S-1-5-18', '.DEFAULT')}\Software\{last}"], rf"{spelled}\Software\{last}"
        if way < 0.42:
            node = rng.random() < 0.5
            spelled = rf"HKLM\SOFTWARE\{'WOW6432Node' + chr(92) if node else ''}{last}"
            return "HKLM32" if not node else "HKLM node", [rf"HKLM32\SOFTWARE\{last}"], spelled
        spelled = rng.choice(("HKLM", "HKEY_LOCAL_MACHINE", "hklm:")) + rng.choice((r"\SOFTWARE", r"\Software"))
        return "HKLM", [rf"HKLM\SOFTWARE\{last}"], rf"{spelled}\{last}"

    def _below(self, parts: list[str]) -> str:
        return "".join("\\" + part for part in self.rng.choices(parts, k=self.rng.choice((1, 1, 2, 4))))

    def _setting(self, spelled: str, hive: str, key: str, taken: dict[tuple[str, str], Tree]) -> Tree:
        rng, again = self.rng, None
        if taken and self.rng.random() < 0.12:
            again = self.rng.choice(list(taken.values()))
            key = _below_root(again["key"])
        registry: Tree = {"key": spelled + (key.swapcase() if rng.random() < 0.1 else key)}
        if hive == "HKLM32":
            registry["view"] = 32
        tree: Tree = {"title": "Some setting", "registry": registry}
        if again is None and rng.random() < 0.08:
            registry[rng.choice(("present", "present", "absent"))] = True
        else:
            name = rng.choice(some.NAMES) if again is None else again["name"]
            place = (upper(key), upper(name))
            registry["name"] = rng.choice((name, name, name.upper() if name.isascii() else name))
            # A second one on the same place has the same kind, so that both may hold.
            self._value(registry, tree, taken.get(place))
            taken.setdefault(place, registry)
        if rng.random() < 0.12 and not {"set"} & registry.keys():
            tree["remediate"] = False
        if rng.random() < 0.1:
            tree["sensitive"] = True
        if rng.random() < 0.12:
            tree["applies_to"] = self._limits()
        return tree

    def _list(self, spelled: str, hive: str, roots: list[str]) -> Tree:
        """A key that holds the values of a list and no others, with some of them, some of others, or all as it should be."""
        rng = self.rng
        registry: Tree = {"key": spelled + r"\only these"}
        if hive == "HKLM32":
            registry["view"] = 32
        kinds = [rng.choice(tuple(Kind))] * 5 if rng.random() < 0.7 else rng.sample(tuple(Kind), 5)
        named = {name: (kind, some.data(rng, kind)) for name, kind in zip(_names(rng), kinds, strict=False)}
        if len(set(kinds)) > 1:
            registry["only_values"] = {name: {"type": kind.value, "data": _word(of)} for name, (kind, of) in named.items()}
        else:
            registry["type"] = kinds[0].value
            if rng.random() < 0.5:
                named = {str(number): one for number, one in enumerate(named.values(), 1)}
                registry["only_values"] = [_word(of) for _, of in named.values()]
            else:
                registry["only_values"] = {name: _word(of) for name, (_, of) in named.items()}
            if kinds[0] in (*TEXTS, Kind.MULTI_STRING) and rng.random() < 0.3:
                registry["case"] = "exact"
        tree: Tree = {"title": "Only these values", "registry": registry}
        if rng.random() < 0.12:
            tree["remediate"] = False
        for root in roots:
            if rng.random() < 0.85:
                self.before[root + r"\only these"] = self._held_of_list(named)
        return tree

    def _held_of_list(self, named: Mapping[str, tuple[Kind, Data]]) -> dict[str, Value]:
        rng = self.rng
        held: dict[str, Value] = {}
        for name, (kind, of) in named.items():
            way = rng.random()
            spelled = name.swapcase() if name.isascii() and rng.random() < 0.2 else name
            if way < 0.5:
                held[spelled] = value(kind, of)
            elif way < 0.8:
                held[spelled] = self._held({"type": kind.value, "equals": _word(of)}) or value(kind, of)
        for name in _names(rng) if rng.random() < 0.6 else ():
            if upper(name) not in map(upper, (*held, *named)):
                held[name] = value(*rng.choice(list(named.values()) or [(Kind.DWORD, 1)]))
        return held

    def _limits(self) -> Tree:
        rng, build = self.rng, self.world.build
        limits: Tree = {}
        way = rng.randrange(4)
        if way in (0, 2):
            limits["from_build"] = max(build + rng.choice((-1, 0, 1)), 0)
        if way == 1:
            limits["before_build"] = max(build + rng.choice((-1, 0, 1)), 1)
        if way in (2, 3):
            limits["role"] = rng.choice(("workstation", "server"))
        return limits

    def _value(self, registry: Tree, tree: Tree, earlier: Tree | None) -> None:
        rng = self.rng
        if earlier and "contains" in earlier and "set" not in earlier:
            # Both complete one list, whichever comes first.
            words = {word: earlier[word] for word in ("type", "case", "default", "pin") if word in earlier}
            registry.update(words, contains=list(some.elements(rng, 2)))
            return
        kind = Kind(earlier["type"]) if earlier and "type" in earlier else rng.choice(tuple(Kind))
        operator = rng.choice(OPERATORS[kind])
        if operator in (Operator.PRESENT, Operator.ABSENT):
            registry[operator.value] = True
            if operator is Operator.PRESENT and rng.random() < 0.8:
                registry["type"] = kind.value
                registry["set"] = _word(some.data(rng, kind))
            elif operator is Operator.PRESENT:
                tree["remediate"] = False
            elif rng.random() < 0.5:
                registry["type"] = kind.value
            return
        registry["type"] = kind.value
        exact = not kind.is_number and kind is not Kind.BINARY and rng.random() < 0.3
        if exact:
            registry["case"] = "exact"
        operands = self._operands(kind, operator)
        condition = Condition(operator, operands, exact)
        registry[operator.value] = _operand_word(operator, operands)
        self._default(registry, kind, operands)
        self._set(registry, tree, kind, condition, earlier)

    def _operands(self, kind: Kind, operator: Operator) -> tuple[Data, ...]:
        rng = self.rng
        match operator:
            case Operator.BETWEEN:
                return tuple(sorted(some.data(rng, kind) for _ in range(2)))
            case Operator.ONE_OF | Operator.NONE_OF:
                return tuple(some.data(rng, kind) for _ in range(rng.choice((1, 2, 3, 6))))
            case Operator.MATCHES:
                return (some.pattern(rng),)
            case Operator.CONTAINS:
                return some.elements(rng, rng.choice((1, 2, 3)))
            case Operator.SET_EQUALS:
                return some.elements(rng, rng.choice((0, 1, 2, 3)))
        return (some.data(rng, kind),)

    def _default(self, registry: Tree, kind: Kind, operands: tuple[Data, ...]) -> None:
        rng = self.rng
        if rng.random() < 0.35:
            of_kind = [one for one in operands if isinstance(one, type(some.data(Random(1), kind)))] or [some.data(rng, kind)]
            default = some.near(rng, kind, rng.choice(of_kind)) if rng.random() < 0.7 else some.data(rng, kind)
            registry["default"] = _word(_without_empty(default))
            if rng.random() < 0.4:
                registry["pin"] = True

    def _set(self, registry: Tree, tree: Tree, kind: Kind, condition: Condition, earlier: Tree | None) -> None:
        """What is written, where the condition doesn't say it, or at times where it does."""
        rng, operator = self.rng, condition.operator
        by_itself = operator in (Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST, Operator.CONTAINS)
        if by_itself and rng.random() < 0.75 and not (earlier and "set" in earlier):
            return
        found = next((one for one in self._candidates(kind, condition, earlier) if satisfies(condition, kind, one)), None)
        if found is not None:
            registry["set"] = _word(found)
        elif not by_itself:
            tree["remediate"] = False

    def _candidates(self, kind: Kind, condition: Condition, earlier: Tree | None) -> Iterator[Data]:
        rng, operands = self.rng, condition.operands
        if earlier and "set" in earlier:
            yield data_of(kind, earlier["set"])
        if condition.operator is Operator.MATCHES:
            yield from (some.subject(rng) for _ in range(30))
            return
        for _ in range(10):
            if condition.operator in (Operator.CONTAINS, Operator.SET_EQUALS):
                yield _without_empty(some.near_list(rng, tuple(map(str, operands))))
            elif operands and rng.random() < 0.7:
                yield _without_empty(some.near(rng, kind, rng.choice(operands)))
            else:
                yield some.data(rng, kind)

    def _state(self, root: str, keys: list[str], trees: Mapping[str, Tree]) -> None:
        rng = self.rng
        if rng.random() < 0.08:
            return  # A device that has none of it.
        for key in keys:
            if rng.random() < 0.7:
                self.before.setdefault(root + key, {})
                if rng.random() < 0.15:
                    self.before[root + key]["bystander"] = value(Kind.STRING, "stays")
        if rng.random() < 0.1:
            self.before.setdefault(root + r"\another", {})
        for tree in trees.values():
            if "name" in tree["registry"] and rng.random() >= 0.15:
                self._put(root, tree["registry"])

    def _put(self, root: str, registry: Tree) -> None:
        """What the device holds at a setting's place, at times under another spelling of its name."""
        held, name = self._held(registry), registry["name"]
        if held is None:
            return
        values = self.before.setdefault(_known(self.before, root + _below_root(registry["key"])), {})
        if self.rng.random() < 0.15 and name.isascii():
            name = name.swapcase()
        if upper(name) not in map(upper, values):
            values[name] = held

    def _held(self, registry: Tree) -> Value | None:
        rng = self.rng
        kind = Kind(registry["type"]) if "type" in registry else rng.choice(tuple(Kind))
        hints = hints_of(kind, registry) or [some.data(rng, kind)]
        way = rng.random()
        if way < 0.10:
            return None
        if way < 0.16:
            return rng.choice(list(BEYOND_DOTNET.values()))
        if way < 0.30:
            return some.other_kind(rng, kind, rng.choice(hints))
        if way < 0.35 and not kind.is_number and kind is not Kind.BINARY:
            return some.misshapen(rng, kind, rng.choice(hints))
        if "matches" in registry and rng.random() < 0.6:
            return value(kind, some.subject(rng))
        return value(kind, some.near(rng, kind, rng.choice(hints)) if way < 0.85 else some.data(rng, kind))


def _names(rng: Random) -> list[str]:
    """Up to five names that Windows takes for different ones."""
    found = {upper(name): name for name in (rng.choice(some.NAMES) for _ in range(rng.choice((0, 1, 2, 4, 5))))}
    return list(found.values())


def hints_of(kind: Kind, registry: Tree) -> list[Data]:
    """All data that a setting names."""
    words = ("equals", "not_equals", "at_least", "at_most", "default", "set")
    found = [data_of(kind, registry[word]) for word in words if word in registry]
    for word in ("one_of", "none_of", "between"):
        found += [data_of(kind, one) for one in registry.get(word, ())]
    for word in ("contains", "set_equals"):
        if word in registry:
            found.append(tuple(registry[word]))
    return found


def data_of(kind: Kind, word: Any) -> Data:
    """Data as the registry holds it, from the language's word for it."""
    if kind is Kind.BINARY:
        return bytes.fromhex(word)
    return tuple(word) if isinstance(word, list) else word


def with_lone(held: Value) -> Value:
    """The value with half of a surrogate pair where LONE stands."""
    return Value(held.type, held.data.replace(some.LONE.encode("utf-16-le"), b"\0\xd8"))


def _word(of: Data) -> Any:
    """Data as a policy writes it."""
    if isinstance(of, bytes):
        return of.hex()
    return list(of) if isinstance(of, tuple) else of


def _operand_word(operator: Operator, operands: tuple[Data, ...]) -> Any:
    one = operator in (Operator.EQUALS, Operator.NOT_EQUALS, Operator.AT_LEAST, Operator.AT_MOST, Operator.MATCHES)
    return _word(operands[0]) if one else [_word(operand) for operand in operands]


def _without_empty(of: Data) -> Data:
    """A policy's lists have no empty elements, though a device's may."""
    return tuple(one for one in of if one) if isinstance(of, tuple) else of


def _below_root(key: str) -> str:
    r"""`\sub` of `HKLM\SOFTWARE\policyc-test\g1\sub`."""
    _, _, last = key.partition(f"\\{TEST_KEY}\\")
    _, below, rest = last.partition("\\")
    return below + rest


def _known(before: Mapping[str, object], path: str) -> str:
    """The spelling that the device already has for a key."""
    return next((one for one in before if upper(one) == upper(path)), path)
