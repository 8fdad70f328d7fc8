"""Settings of every type and condition, and the states that a device may hold for them."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from endpoint.registry import UNREADABLE, Type, Value, binary, dword, expand_sz, multi_sz, qword, sz, value
from policyc import evaluation
from policyc.model import (
    Append,
    Condition,
    CreateKey,
    Data,
    DeleteValue,
    Hive,
    Kind,
    Location,
    Operator,
    Place,
    Setting,
    SetValue,
    View,
    Write,
)
from policyc.powershell.scripts import Script, entry, script_text
from registry_settings import altered, registry_setting

LARGEST = {Kind.DWORD: 2**32 - 1, Kind.QWORD: 2**64 - 1}


def setting(
    name: str,
    kind: Kind | None,
    operator: Operator,
    *operands: Data,
    write: Data | Write | None = None,
    exact_case: bool = False,
    **more: object,
) -> Setting:
    """A setting on `v` below a key of its own."""
    if write is not None and not isinstance(write, SetValue | DeleteValue | CreateKey | Append):
        write = SetValue(write)
    place = Place(Hive.MACHINE, View.BITS_64, rf"SOFTWARE\policyc-test\{name}", "v")
    return registry_setting(
        name,
        f"Title of {name}",
        place,
        Condition(operator, operands, exact_case),
        Location("test.yaml"),
        kind=kind,
        write=write,
        **more,
    )


def _text(kind: Kind) -> Iterable[Setting]:
    o = Operator
    yield setting(f"{kind}-equals", kind, o.EQUALS, "It's ‘Größe’ $x", write="It's ‘Größe’ $x")
    yield setting(f"{kind}-equals-exact", kind, o.EQUALS, "Größe", write="Größe", exact_case=True)
    yield setting(f"{kind}-equals-empty", kind, o.EQUALS, "", write="")
    yield setting(f"{kind}-not-equals", kind, o.NOT_EQUALS, "%bad%", write="good")
    yield setting(f"{kind}-one-of", kind, o.ONE_OF, "a", "B", "%c%", write="a")
    yield setting(f"{kind}-one-of-exact", kind, o.ONE_OF, "B", write="B", exact_case=True)
    yield setting(f"{kind}-none-of", kind, o.NONE_OF, "a", "B", write="c")
    yield setting(f"{kind}-matches", kind, o.MATCHES, r"[a-f]+|ä\d{2}|\.\*", write="abc")
    yield setting(f"{kind}-matches-exact", kind, o.MATCHES, r"A[b-d]*", write="Abc", exact_case=True)
    yield setting(f"{kind}-default-good", kind, o.EQUALS, "a", write="a", default="A")
    yield setting(f"{kind}-default-bad", kind, o.EQUALS, "a", write="a", default="x")
    yield setting(f"{kind}-default-pinned", kind, o.EQUALS, "a", write="a", default="a", pin=True)
    yield setting(f"{kind}-present", kind, o.PRESENT, write="made")


def _lists() -> Iterable[Setting]:
    o, kind = Operator, Kind.MULTI_STRING
    yield setting("multi-equals", kind, o.EQUALS, ("a", "B ‘x’", "ä"), write=("a", "B ‘x’", "ä"))
    yield setting("multi-equals-exact", kind, o.EQUALS, ("a", "B"), write=("a", "B"), exact_case=True)
    yield setting("multi-equals-one", kind, o.EQUALS, ("a",), write=("a",))
    yield setting("multi-equals-empty", kind, o.EQUALS, (), write=())
    yield setting("multi-not-equals", kind, o.NOT_EQUALS, ("a", "B"), write=("a",))
    yield setting("multi-one-of", kind, o.ONE_OF, ("a",), ("a", "B"), (), write=("a",))
    yield setting("multi-one-of-one", kind, o.ONE_OF, ("a", "b"), write=("a", "b"))
    yield setting("multi-none-of", kind, o.NONE_OF, ("a",), (), write=("c",))
    yield setting("multi-contains", kind, o.CONTAINS, "a", "B", "ä", write=Append(("a", "B", "ä")))
    yield setting("multi-contains-one", kind, o.CONTAINS, "a", write=Append(("a",)))
    yield setting("multi-contains-exact", kind, o.CONTAINS, "a", "B", write=Append(("a", "B")), exact_case=True)
    yield setting("multi-contains-default", kind, o.CONTAINS, "a", "B", write=Append(("a", "B")), default=("x", "a"))
    yield setting("multi-contains-pinned", kind, o.CONTAINS, "a", write=Append(("a",)), default=("x", "a"), pin=True)
    yield setting("multi-contains-set", kind, o.CONTAINS, "a", "B", write=("B", "a"))
    yield setting("multi-set-equals", kind, o.SET_EQUALS, "a", "B", "ä", write=("a", "B", "ä"))
    yield setting("multi-set-equals-exact", kind, o.SET_EQUALS, "a", "B", write=("a", "B"), exact_case=True)
    yield setting("multi-set-equals-none", kind, o.SET_EQUALS, write=())
    yield setting("multi-default", kind, o.EQUALS, (), write=(), default=())
    yield setting("multi-present", kind, o.PRESENT, write=("made",))


def _numbers(kind: Kind) -> Iterable[Setting]:
    o, most = Operator, LARGEST[kind]
    half = most // 2 + 1
    yield setting(f"{kind}-equals", kind, o.EQUALS, 5, write=5)
    yield setting(f"{kind}-equals-nought", kind, o.EQUALS, 0, write=0)
    yield setting(f"{kind}-equals-most", kind, o.EQUALS, most, write=most)
    yield setting(f"{kind}-not-equals", kind, o.NOT_EQUALS, 5, write=7)
    yield setting(f"{kind}-not-equals-default", kind, o.NOT_EQUALS, 5, write=7, default=5)
    yield setting(f"{kind}-at-least", kind, o.AT_LEAST, 6, write=6)
    yield setting(f"{kind}-at-least-half", kind, o.AT_LEAST, half, write=half)
    yield setting(f"{kind}-at-most", kind, o.AT_MOST, 6, write=6)
    yield setting(f"{kind}-at-most-half", kind, o.AT_MOST, half, write=half)
    yield setting(f"{kind}-between", kind, o.BETWEEN, 6, half, write=6)
    yield setting(f"{kind}-one-of", kind, o.ONE_OF, 5, most, write=5)
    yield setting(f"{kind}-none-of", kind, o.NONE_OF, 0, 5, most, write=1)
    yield setting(f"{kind}-default-good", kind, o.AT_LEAST, 3, write=3, default=5)
    yield setting(f"{kind}-default-bad", kind, o.AT_LEAST, 3, write=3, default=0)
    yield setting(f"{kind}-default-pinned", kind, o.EQUALS, 0, write=0, default=0, pin=True)
    yield setting(f"{kind}-present", kind, o.PRESENT, write=1)


def _bytes() -> Iterable[Setting]:
    o, kind = Operator, Kind.BINARY
    yield setting("binary-equals", kind, o.EQUALS, b"\0\x01\xff", write=b"\0\x01\xff")
    yield setting("binary-equals-one", kind, o.EQUALS, b"\x01", write=b"\x01")
    yield setting("binary-equals-empty", kind, o.EQUALS, b"", write=b"")
    yield setting("binary-not-equals", kind, o.NOT_EQUALS, b"\x01", write=b"\x02")
    yield setting("binary-one-of", kind, o.ONE_OF, b"\x01", b"\x02\x03", b"", write=b"\x02\x03")
    yield setting("binary-none-of", kind, o.NONE_OF, b"\x01", write=b"")
    certificate = bytes(number * 7919 % 251 for number in range(2048))
    yield setting("binary-certificate", kind, o.EQUALS, certificate, write=certificate)
    yield setting("binary-default", kind, o.EQUALS, b"", write=b"", default=b"")
    yield setting("binary-present", kind, o.PRESENT, write=b"\x01")


def _any() -> Iterable[Setting]:
    yield setting("any-absent", None, Operator.ABSENT, write=DeleteValue())
    yield setting("dword-absent", Kind.DWORD, Operator.ABSENT, write=DeleteValue())
    default = setting("default-value", Kind.STRING, Operator.EQUALS, "d", write="d")
    yield altered(default, place=replace(default.subject.place, name=""))
    narrow = setting("view-32", Kind.DWORD, Operator.EQUALS, 32, write=32)
    yield altered(narrow, place=replace(narrow.subject.place, view=View.BITS_32))
    odd = setting("odd-names", Kind.DWORD, Operator.EQUALS, 1, write=1)
    yield altered(
        odd,
        place=replace(
            odd.subject.place, key=odd.subject.place.key + r"\it's ‘odd’ $(x) [a] *ü😀", name=r"n'a\m/e ‘$x’ `[*]ü😀"
        ),
    )
    yield setting("sensitive", Kind.STRING, Operator.EQUALS, "geheim-1", write="geheim-1", sensitive=True)
    yield setting("cleared", Kind.STRING, Operator.EQUALS, "tag", write="tag", clear_on_undo=True)


VALUE_SETTINGS: Mapping[str, tuple[Setting, ...]] = {
    "string": tuple(_text(Kind.STRING)),
    "expand_string": tuple(_text(Kind.EXPAND_STRING)),
    "multi_string": tuple(_lists()),
    "dword": tuple(_numbers(Kind.DWORD)),
    "qword": tuple(_numbers(Kind.QWORD)),
    "binary": tuple(_bytes()),
    "others": tuple(_any()),
}
"""By kind; each is remediated, and `reported()` makes one that isn't."""

_STRINGS = ["", "a", "A", "b", "B", "%bad%", "%BAD%", "%c%", "c", "It's ‘Größe’ $x", "IT'S ‘GRÖSSE’ $X", "it's ‘gröẞe’ $x",
            "Größe", "GRÖßE", "größe", "abc", "ABCDEF", "abcg", "ä12", "Ä12", "ä123", ".*", ".x", "Abc", "abc\n", "\nabc", "x",
            "a ", "tag", "d", "geheim-1", "geheim-2", "straße", "STRASSE", "ı", "i", "İ", "e\u0301", "é"]  # fmt: skip
_LISTS = [(), ("a",), ("A",), ("a", "B"), ("B", "a"), ("A", "b"), ("a", "B", "ä"), ("ä", "a", "B"), ("a", "B", "Ä", "x"),
          ("x", "y"), ("a", "a"), ("a", "B ‘x’", "ä"), ("A", "b ‘X’", "Ä"), ("x", "a"), ("b",), ("c",), ("made",),
          ("",), ("", ""), ("", "a"), ("a", ""), ("a", "", "B"), ("a", "B", "", "ä", "c"), ("a", "B", "ä", "", "")]  # fmt: skip
_NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1]
_BYTES = [b"", b"\0", b"\x01", b"\x02\x03", b"\x02", b"\0\x01\xff", b"\x01\0", bytes(range(256))]

READABLE: tuple[Value, ...] = (
    *map(sz, _STRINGS),
    *map(expand_sz, _STRINGS),
    *(multi_sz(*texts) for texts in _LISTS),
    *map(dword, _NUMBERS),
    *map(qword, [*_NUMBERS, 2**32, 2**63 - 1, 2**63, 2**64 - 1]),
    *map(binary, _BYTES),
    Value(Type.NONE, b""),
    Value(Type.NONE, b"\x01"),
)
"""Well-formed data of every kind, near to what the settings ask for."""

BEYOND_DOTNET = {
    name: held for name, held in UNREADABLE.items() if not name.endswith(("of 2 bytes", "of no bytes", "of 4 bytes"))
}
"""What a script can see that it can't read. .NET pads numbers that are too short, and says nothing of it."""


def state_of(held: Value | None) -> evaluation.State:
    """The oracle's word for what a device holds."""
    if held is None:
        return evaluation.ABSENT
    if held in BEYOND_DOTNET.values():
        return evaluation.UNREADABLE
    match held.type:
        case Type.SZ | Type.EXPAND_SZ:
            kind = Kind.STRING if held.type == Type.SZ else Kind.EXPAND_STRING
            return evaluation.Held(kind, held.data.decode("utf-16-le")[:-1])
        case Type.MULTI_SZ:
            return evaluation.Held(Kind.MULTI_STRING, tuple(held.data.decode("utf-16-le").split("\0")[:-2]))
        case Type.DWORD:
            return evaluation.Held(Kind.DWORD, struct.unpack("<I", held.data)[0])
        case Type.QWORD:
            return evaluation.Held(Kind.QWORD, struct.unpack("<Q", held.data)[0])
        case Type.BINARY:
            return evaluation.Held(Kind.BINARY, held.data)
    return evaluation.Held(None, None)


def after(one: Setting, held: Value | None) -> Value | None:
    """What the oracle says that a remediation leaves."""
    state = state_of(held)
    left = evaluation.after(one.subject, state)
    if left == state:
        return held
    return value(left.kind, left.data) if isinstance(left, evaluation.Held) else None


def held_for(one: Setting) -> list[Value | None]:
    """Every state to judge: all data of the setting's kind, some of each other kind, the unreadable, nothing."""
    own = type_of(one)
    seen: Counter[int] = Counter()
    held: list[Value | None] = [None]
    for content in READABLE:
        seen[content.type] += 1
        if content.type == own or seen[content.type] <= 3:
            held.append(content)
    return [*held, *BEYOND_DOTNET.values()]


def held_to_change(one: Setting) -> list[Value | None]:
    """Fewer states, to change and to restore: of the setting's kind some right and some wrong, one of each other kind."""
    own = type_of(one)
    seen: Counter[object] = Counter()
    held: list[Value | None] = [None]
    for content in READABLE:
        group = (evaluation.verdict(one.subject, state_of(content)), _shape(content)) if content.type == own else content.type
        seen[group] += 1
        if seen[group] <= (2 if content.type == own else 1):
            held.append(content)
    odd = list(BEYOND_DOTNET.values())
    at = sum(map(ord, one.id)) % len(odd)
    return [*held, odd[at], odd[at - 1]]


def _shape(content: Value) -> object:
    """Long or short; of a list, whether an empty element ends it before its end."""
    held = state_of(content)
    listed = isinstance(held, evaluation.Held) and isinstance(held.data, tuple)
    return len(content.data) > 4, listed and "" in held.data


def type_of(one: Setting) -> Type | None:
    """The registry's number for the setting's kind."""
    names = {Kind.STRING: Type.SZ, Kind.MULTI_STRING: Type.MULTI_SZ, Kind.EXPAND_STRING: Type.EXPAND_SZ}
    if one.subject.kind is None:
        return None
    return names.get(one.subject.kind) or Type[one.subject.kind.name]


def reported(one: Setting) -> Setting:
    """The same, never changed."""
    return altered(one, write=None)


def key_path(one: Setting) -> str:
    """The setting's key as the harness names it."""
    machine = "HKLM32" if one.subject.place.view is View.BITS_32 else "HKLM"
    hive = {Hive.MACHINE: machine, Hive.USER: r"HKU\S-1-5-21-0-0-0-1000"}.get(
        one.subject.place.hive, one.subject.place.hive.value
    )
    return rf"{hive}\{one.subject.place.key}"


RETIRE = "retire"
OF_CONFIGMGR = (Script.DETECT, Script.REMEDIATE, Script.ROLLBACK, Script.DISCOVERY, Script.REMEDIATION, Script.DETECTION)
OF_CHANGED = (Script.REMEDIATION, Script.ROLLBACK, Script.INTUNE_REMEDIATE, Script.INTUNE_ROLLBACK)
"""They know only of what is remediated."""


def write_scripts(
    folder: Path,
    settings: Sequence[Setting],
    slug: str = "test",
    *,
    hurried: bool = True,
    scripts: Iterable[Script] = OF_CONFIGMGR,
) -> dict[str, Path]:
    """The `scripts` of these settings, as every target has them; RETIRE is rollback.ps1 once more, to be run with -OnlyRetired.

    Not `hurried`, they take the time that they need, for more settings than any group has.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = [entry(one) for one in settings]
    changed = [row for row in rows if row.setting.remediated]
    paths: dict[str, Path] = {}
    for script in scripts:
        paths[script] = folder / f"{script}.ps1"
        text = script_text(script, slug=slug, source="test.yaml", entries=changed if script in OF_CHANGED else rows)
        paths[script].write_bytes(text if hurried else text.replace(b"\n$TimeLimit = 40\n", b"\n$TimeLimit = 4000\n"))
    if Script.ROLLBACK in paths:
        paths[RETIRE] = folder / f"{RETIRE}.ps1"
        paths[RETIRE].write_bytes(paths[Script.ROLLBACK].read_bytes())
    return paths


@dataclass(frozen=True, slots=True)
class Instance:
    """A setting moved to a place of its own, and what the device holds there."""

    setting: Setting
    held: Value | None
    key_there: bool = True

    @property
    def path(self) -> str:
        """Its key."""
        return key_path(self.setting)

    @property
    def verdict(self) -> evaluation.Verdict:
        """The oracle's."""
        return evaluation.verdict(self.setting.subject, state_of(self.held))

    @property
    def written(self) -> bool:
        """Whether the oracle has a remediation change it."""
        return after(self.setting, self.held) != self.held


def instances(one: Setting, held: Iterable[Value | None]) -> list[Instance]:
    """The setting in these states, each instance with an id and a key of its own, and once without its key."""

    def moved(number: int) -> Setting:
        key = one.subject.place.key.replace(one.id, rf"{one.id}\{number}", 1)
        return altered(one, id=f"{one.id}-{number}", place=replace(one.subject.place, key=key))

    found = [Instance(moved(number), content) for number, content in enumerate(held)]
    return [*found, Instance(moved(len(found)), None, key_there=False)]
