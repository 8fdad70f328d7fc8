"""The journal of an endpoint in tests: owners of scripts, entries by their place, and every kind of damage to one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from endpoint.device import JOURNAL, ROOT, Batch
from endpoint.registry import State, Type, Value, binary, dword, multi_sz, sz

ENTRIES = JOURNAL + r"\journal"
ESTATE = "0f8fad5b-d9cb-469f-a165-70867728950e"
OTHER_ESTATE = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
OWNER = f"{ESTATE}/test"
OLDER = Path(__file__).with_name("older")
"""Scripts with the journal's first format: of `one`, `two`, `list` and `gone`, for a collection `test`; retire keeps `two`."""

_OWNER = re.compile(r"^\$Collection = .*\n\$Adopts = .*\n", re.MULTILINE)


def owned(script: Path, owner: str, *adopts: str) -> Path:
    """The script as another collection's, or as that of one that was called otherwise."""
    listed = ", ".join(f"'{one}'" for one in adopts)
    text, count = _OWNER.subn(f"$Collection = '{owner}'\n$Adopts = ([string[]]@({listed}))\n", script.read_text("ascii"))
    assert count == 1
    script.write_text(text, encoding="ascii", newline="\n")
    return script


def entries(journal: State) -> dict[str, Mapping[str, Value]]:
    """The entries of a dump of the journal, by id."""
    return {key.rpartition("\\")[2]: values for key, values in journal.items() if key.startswith(ENTRIES + "\\")}


def text_of(content: Value) -> str:
    """The text of a REG_SZ."""
    return content.data.decode("utf-16-le").rstrip("\0")


def texts_of(content: Value) -> list[str]:
    """The texts of a REG_MULTI_SZ."""
    return content.data.decode("utf-16-le").rstrip("\0").split("\0")


def owners_of(values: Mapping[str, Value]) -> list[str]:
    """Who relies on the place of an entry, without the digest."""
    return [one for one in texts_of(values["Owners"]) if not one.startswith("sha256:")]


def entry_of(found: Mapping[str, Mapping[str, Value]], key: str) -> str:
    """The id of the entry of a value in the key of that name below the test key."""
    [at] = [at for at, values in found.items() if "Name" in values and text_of(values["Key"]).endswith("\\" + key)]
    return at


def place_of(values: Mapping[str, Value]) -> tuple[str, str | None]:
    """Key and value name that an entry is about, as the harness names them."""
    key = rf"HKLM\{text_of(values['Key'])}"
    return key, text_of(values["Name"]) if "Name" in values else None


@dataclass(frozen=True, slots=True)
class Damage:
    """One change to one entry."""

    entry: str
    words: str
    steps: tuple[tuple[str, ...], ...]
    """Calls of a batch: its method, then what it takes."""
    values: Mapping[str, Value]

    def do(self, batch: Batch) -> None:
        """Do it."""
        for verb, *operands in self.steps:
            if verb == "value":
                batch.value(*operands, self.values[operands[1]])
            else:
                getattr(batch, verb)(*operands)


def damages(found: Mapping[str, Mapping[str, Value]]) -> Iterator[Damage]:
    """Every field of every entry in every kind of damage, then whole entries."""
    ids = list(found)
    for number, at in enumerate(ids):
        key, other = rf"{ENTRIES}\{at}", found[ids[(number + 1) % len(ids)]]
        for name, content in found[at].items():
            yield Damage(at, f"{name} removed", (("unset", key, name),), {})
            yield Damage(at, f"{name} renamed", (("unset", key, name), ("value", key, name + "x")), {name + "x": content})
            for words, changed in _changes(name, content, other):
                if changed != content:
                    yield Damage(at, f"{name} {words}", (("value", key, name),), {name: changed})
        for name in (
            "PreviousAbsent",
            "Previous",
            "WrittenAbsent",
            "Written",
            "Pending",
            "PendingAbsent",
            "ClearOnUndo",
            "Name",
        ):
            if name not in found[at]:
                yield Damage(at, f"{name} added", (("value", key, name),), {name: dword(1)})
        yield Damage(at, "an unknown value", (("value", key, "Unknown"),), {"Unknown": sz("x")})
        elsewhere = rf"{ENTRIES}\{'0' * 40}"
        copied = tuple(("value", elsewhere, name) for name in found[at])
        yield Damage(at, "the entry copied", copied, found[at])
        yield Damage(at, "the entry renamed", (*copied, ("wipe", key)), found[at])
        yield Damage(at, "the entry emptied", (("wipe", key), ("key", key)), {})


def _changes(name: str, content: Value, other: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    yield "of another kind", Value(Type.EXPAND_SZ if content.type == Type.SZ else Type.SZ, content.data)
    yield "of no kind", Value(Type.RESOURCE_LIST, content.data)
    yield "of a kind too small", Value(Type.QWORD, content.data[:4])
    yield "emptied", Value(content.type, b"")
    yield "with the text emptied", Value(content.type, b"\0\0")
    yield "of another length", Value(content.type, content.data[: len(content.data) // 2])
    yield "with its first bit flipped", Value(content.type, bytes([content.data[0] ^ 1]) + content.data[1:])
    middle = len(content.data) // 4 * 2
    flipped = content.data[:middle] + bytes([content.data[middle] ^ 1]) + content.data[middle + 1 :]
    yield "with a bit in the middle flipped", Value(content.type, flipped)
    yield (
        "of other data",
        {Type.SZ: sz("x"), Type.MULTI_SZ: multi_sz("x"), Type.DWORD: dword(32)}.get(content.type, binary(b"x")),
    )
    if name in other:
        yield "of another entry", other[name]
    if name == "Key":
        yield "that names another key", sz(ROOT.partition("\\")[2] + r"\victim")


LONG = "POLICYC_JOURNAL_FUZZ"
"""Set to 1: every damage instead of a share of them, and a rollback with -Force behind each."""
