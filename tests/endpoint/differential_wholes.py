"""Random settings about more than one value: lists of Defender and of the environment, keys with all below them, own scripts.

`Sort` in `endpoint.differential_kinds` says what each does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from endpoint.device import ROOT, Batch
from endpoint.differential_oracle import state_of
from endpoint.own import own
from endpoint.registry import UNREADABLE, State, Type, Value, dword, expand_sz, multi_sz, qword, sz
from endpoint.secedit import setting
from policyc.evaluation import ABSENT, Held
from policyc.evaluation import UNREADABLE as BEYOND_US
from policyc.evaluation import State as Known
from policyc.evaluation.device import KEY
from policyc.kinds.defender.exclusions import LISTS
from policyc.kinds.defender.exclusions import state_of as list_of
from policyc.kinds.environment_variable import KEY as ENVIRONMENT
from policyc.kinds.environment_variable import texts
from policyc.model import Condition, Hive, Kind, Location, Operator, Place, RemoveTree, Setting, View
from registry_settings import registry_setting

VARIABLES = rf"HKLM\{ENVIRONMENT}"
"""Windows' own, too: it is never wiped."""


class Variables:
    """Texts, and lists of entries such as Path."""

    names = tuple(f"PolicycTest{number}" for number in range(60))
    roots: tuple[str, ...] = (VARIABLES,)
    entries = (r"C:\A", r"C:\B", r"%X%\C", r"C:\D d")
    pieces = (r"C:\A", r"c:\a\\", r'"C:\A"', r"C:\B", r"%X%\C", "", r"C:\D d", r"C:\E")
    """What is there, spelled in every way."""

    def settings(self, rng: Random) -> Iterator[Setting]:
        """One each: two would add to each other's."""
        for number, name in enumerate(rng.sample(self.names, rng.randint(30, 45))):
            some = rng.sample(self.entries, rng.randint(1, 3))
            whole = ";".join(some)
            words: dict[str, Any] = rng.choice(
                [
                    {"contains": some},
                    {"contains": some, "type": "string"},
                    {"none_of": some},
                    {"equals": whole},
                    {"equals": whole, "case": "exact"},
                    {"present": True, "set": whole},
                    {"absent": True},
                ]
            )
            yield setting("environment_variable", f"variable-{number}", name=name, remediate=rng.random() < 0.85, **words)

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Another text, or none; at times it is no text."""
        for place in (one.subject.place for one in settings):
            if rng.random() >= share:
                continue
            batch.unset(VARIABLES, place.name)
            text = ";".join(rng.choice(self.pieces) for _ in range(rng.randrange(5)))
            value = rng.choice([None, sz(text), sz(text), expand_sz(text), expand_sz(text)])
            if rng.random() < 0.03:
                value = dword(1)
            if value is not None:
                batch.value(VARIABLES, place.name, value)

    def held(self, place: Any, state: State) -> Known:
        """Its type and its text in parts."""
        value = state[VARIABLES].get(place.name)
        if value is None:
            return ABSENT
        if value.type not in (Type.SZ, Type.EXPAND_SZ):
            return BEYOND_US
        kind = texts.Type.STRING if value.type == Type.SZ else texts.Type.EXPAND_STRING
        return texts.held(kind, value.data.decode("utf-16-le").rstrip("\0"))


class Lists:
    """Defender's lists of exclusions, of which there are five."""

    own = r"HKLM\SOFTWARE\Microsoft\Windows Defender"
    roots: tuple[str, ...] = (own,)
    members = ("C:\\Data", "D:\\Mail", "x.exe", ".iso", "E:\\Größe")
    spellings = (*members, "c:\\data\\", "ISO", "F:\\Other")

    def settings(self, rng: Random) -> Iterator[Setting]:
        """Some of one list, which may fight each other."""
        for number in range(rng.randint(3, 7)):
            word = rng.choice(("contains", "none_of", "set_equals"))
            words: dict[str, Any] = {word: rng.sample(self.members, rng.randint(int(word != "set_equals"), 3))}
            if word == "set_equals" and rng.random() < 0.4:
                words["also_allowed"] = [one for one in rng.sample(self.members, 2) if one not in words[word]] or ["y.exe"]
            words["remediate"] = rng.random() < 0.85
            yield setting("defender", f"list-{number}", list=rng.choice(list(LISTS)), **words)

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Any members, each in one spelling."""
        for place in {one.subject.place.name: one.subject.place for one in settings}.values():
            if rng.random() < share:
                key = rf"{self.own}\{LISTS[place.name]}"
                batch.wipe(key)
                for member in rng.sample(self.spellings[2:], rng.randint(0, 3)):
                    batch.value(key, member, dword(0))

    def held(self, place: Any, state: State) -> Known:
        """Its members, in the spelling that they have."""
        return list_of(state.get(rf"{self.own}\{LISTS[place.name]}", {}))


class Trees:
    """Keys that have to be absent, with whatever is below them."""

    root = rf"{ROOT}\trees"
    roots: tuple[str, ...] = (ROOT,)
    values = (sz("x"), sz(""), expand_sz("%windir%"), multi_sz("a", "b"), dword(2**32 - 1), qword(7), Value(Type.NONE, b"\7"))

    def settings(self, rng: Random) -> Iterator[Setting]:
        """Each a key of its own."""
        for number in range(rng.randint(6, 10)):
            place = Place(Hive.MACHINE, View.BITS_64, rf"SOFTWARE\policyc-test\trees\{number}", None)
            absent, at = Condition(Operator.ABSENT), Location("test.yaml")
            write = RemoveTree() if rng.random() < 0.85 else None
            yield registry_setting(f"tree-{number}", "It is gone", place, absent, at, write=write)

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Up to seven keys; at times a value that nobody can read lies in the last one."""
        for place in (one.subject.place for one in settings):
            if rng.random() >= share:
                continue
            top = rf"HKLM\{place.key}"
            batch.wipe(top)
            if rng.random() < 0.2:
                continue
            batch.key(top)
            for below in rng.sample(("", r"\a", r"\a\b b", r"\a\b b\c", r"\Ä", r"\d", r"\d\e"), rng.randint(1, 7)):
                batch.key(top + below)
                for name in rng.sample(("", "Ä", "x", "y"), rng.randint(0, 3)):
                    batch.value(top + below, name, rng.choice(self.values))
            if rng.random() < 0.1:
                batch.value(top, "odd", UNREADABLE["a kind of 4711"])

    def held(self, place: Any, state: State) -> Known:
        """Whether it is there."""
        return KEY if rf"HKLM\{place.key}" in state else ABSENT


def whole(state: State) -> Iterator[tuple[Place, Known]]:
    """All keys and values below the trees."""
    for path, values in state.items():
        if path.startswith(Trees.root + "\\"):
            key = path.removeprefix("HKLM\\")
            yield Place(Hive.MACHINE, View.BITS_64, key, None), KEY
            for name, value in values.items():
                yield Place(Hive.MACHINE, View.BITS_64, key, name), state_of(value)


class Scripts:
    """Scripts of administrators: each keeps a word in a key of its own, and what it was before its remediation."""

    root = rf"{ROOT}\scripts"
    roots: tuple[str, ...] = (ROOT,)
    words = ("On", "Off", "", "It''s $x")
    """As PowerShell spells them between quotes; the empty one is no value."""

    def settings(self, rng: Random) -> Iterator[Setting]:
        """Each run of each is a process of its own: so a few must do."""
        for number in range(rng.randint(2, 4)):
            path = rf"SOFTWARE\policyc-test\scripts\script-{number}"
            key = f"$key = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey('{path}')\n"
            discovery = f"{key}$key.GetValue('Mode')\n"
            keep = "if ($null -eq $key.GetValue('Old')) { $key.SetValue('Old', [string]$key.GetValue('Mode')) }\n"
            remediation = key + keep + "$key.SetValue('Mode', 'On')\n" if rng.random() < 0.8 else None
            undo = "if ($old) { $key.SetValue('Mode', $old) } else { $key.DeleteValue('Mode', $false) }\n"
            back = f"$old = $key.GetValue('Old')\n{undo}"
            rollback = key + back + "$key.DeleteValue('Old', $false)\n" if rng.random() < 0.7 else None
            yield own(discovery, remediation, rollback, id=f"script-{number}")

    def spoil(self, batch: Batch, rng: Random, settings: Sequence[Setting], share: float) -> None:
        """Another word, or none."""
        for place in (one.subject.place for one in settings):
            if rng.random() < share:
                key, word = rf"{self.root}\{place.name}", rng.choice(self.words).replace("''", "'")
                batch.key(key)
                batch.unset(key, "Mode")
                if word:
                    batch.value(key, "Mode", sz(word))

    def held(self, place: Any, state: State) -> Known:
        """What its discovery prints."""
        value = state.get(rf"{self.root}\{place.name}", {}).get("Mode")
        return ABSENT if value is None else Held(Kind.STRING, value.data.decode("utf-16-le").rstrip("\0"))
