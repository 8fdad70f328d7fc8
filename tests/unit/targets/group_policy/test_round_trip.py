"""Policy to object and back: what an object says is imported to the settings that it was made of."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from policyc.diagnostics import Diagnostic, Level
from policyc.importers.gpo import read_set, wanted
from policyc.importers.pol import read as read_pol
from policyc.kinds.registry import RegistryKind
from policyc.kinds.registry.places import KeyPlace, parse_key
from policyc.model import (
    Collection,
    Condition,
    CreateKey,
    DeleteValue,
    KeepListed,
    Kind,
    Listed,
    Location,
    Operator,
    Place,
    Project,
    Registry,
    Setting,
    SetValue,
    upper,
)
from policyc.registry_files import Action, Entry
from policyc.registry_files.values import encode
from policyc.targets.group_policy.making import collection_files
from policyc.targets.group_policy.pol import ordered, pol
from policyc.targets.group_policy.taken import taken
from unit.targets.group_policy.reading import pol_records
from unit.targets.group_policy.samples import HEAD, compiled

AT = Location("a.yaml")
PROJECT = Project("E", "IT", AT, id="8ee4ffd4-acdb-58d3-be46-275fec287ebb", targets=("group_policy",))
TEXT = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\0") | st.sampled_from("%<>&\"'];[\\\t\n\x07 "),
    max_size=12,
)
NAMES = TEXT.filter(lambda name: not name.startswith("**") and len(name.encode("utf-16-le")) < 500)
DATA: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.STRING: TEXT | st.sampled_from(["%windir%\\x", "%<windir>%", "%a%b%", "%Program Files%", "%ProgramFiles(x86)%"]),
    Kind.EXPAND_STRING: TEXT,
    Kind.MULTI_STRING: st.lists(TEXT.filter(bool), max_size=3).map(tuple),
    Kind.DWORD: st.integers(0, 2**32 - 1),
    Kind.QWORD: st.integers(0, 2**64 - 1),
    Kind.BINARY: st.binary(max_size=12),
}
KEYS = [
    ("HKLM\\SOFTWARE\\Policies\\Contoso", None),
    ("HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\Explorer", None),
    ("HKLM\\SOFTWARE\\Contoso;[x]", None),
    ("HKLM\\SOFTWARE\\Contoso", 32),
    ("HKLM\\SOFTWARE\\Classes\\CLSID\\{1}", 32),
    ("HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa", None),
    ("HKLM\\SOFTWARE\\Gr\u00fc\u00dfe", None),
    ("HKCU\\Software\\Policies\\Contoso", None),
    ("HKCU\\Control Panel\\Desktop", None),
    ("HKU\\.DEFAULT\\Control Panel\\Keyboard", None),
]


def key_of(text: str, view: int | None) -> KeyPlace:
    key = parse_key(text, view)
    assert isinstance(key, KeyPlace)
    return key


@st.composite
def subjects(draw: st.DrawFn) -> Registry:
    key = key_of(*draw(st.sampled_from(KEYS)))
    kind = draw(st.sampled_from(list(Kind)))
    data = draw(DATA[kind])
    place = Place(key.hive, key.view, key.key, draw(NAMES))
    match draw(st.sampled_from(["equals", "present", "absent", "key", "list"])):
        case "equals":
            return Registry(place, Condition(Operator.EQUALS, (data,)), kind, write=SetValue(data))
        case "present":
            return Registry(place, Condition(Operator.PRESENT), kind, write=SetValue(data))
        case "absent":
            return Registry(place, Condition(Operator.ABSENT), write=DeleteValue())
        case "key":
            return Registry(replace(place, name=None), Condition(Operator.PRESENT), write=CreateKey())
    listed = draw(st.lists(st.tuples(NAMES, st.sampled_from(list(Kind))), max_size=3, unique_by=lambda one: upper(one[0])))
    values = tuple(Listed(name, kind, draw(DATA[kind])) for name, kind in listed)
    return Registry(replace(place, name=None), Condition(Operator.ONLY_VALUES), write=KeepListed(), values=values)


def apart(found: list[Registry]) -> bool:
    """Whether no two are about one key, unless each is about a value of its own there."""
    keys = [(one.place.hive, one.place.view, upper(one.place.key)) for one in found]
    own = {one.place.identity for one in found}
    alone = [key for one, key in zip(found, keys, strict=True) if one.place.name is None]
    return len(own) == len(found) and all(keys.count(key) == 1 for key in alone)


def collection(found: list[Registry]) -> Collection:
    made = tuple(Setting(f"s{number}", f"S {number}", one, AT.below(f"s{number}")) for number, one in enumerate(found))
    return Collection("Kiosks", "kiosks", AT, settings=made, estate=PROJECT.id, targets=("group_policy",))


def imported(one: Collection) -> list[Registry]:
    """The subjects that the importer finds in the collection's backup."""
    start = "group_policy/backup/{"
    files = {path.partition("}/")[2]: content for path, content in collection_files(PROJECT, one) if path.startswith(start)}
    if not files:
        return []
    read = [(path, content) for path, content in files.items() if wanted(path)]
    found = read_set(read, name="{A}", others=[(path, "") for path in files if not wanted(path)])
    assert (found.refused, found.overwritten, found.title) == ((), (), "Kiosks")
    told: list[Diagnostic] = []
    lowered = [RegistryKind().lower({"registry": dict(words.words)}, AT, told, audit=False) for words in found.settings]
    assert [one for one in told if one.level is Level.ERROR] == []
    return [subject for subject in lowered if subject is not None]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
@given(st.lists(subjects(), min_size=1, max_size=5))
def test_an_object_says_the_settings_that_it_was_made_of(found: list[Registry]) -> None:
    assume(apart(found))
    one = collection(found)
    made = [change.setting.subject for change in taken(one)]
    back = imported(one)
    identity = lambda subject: repr(subject.place.identity)  # noqa: E731
    assert sorted(back, key=identity) == sorted(made, key=identity)


@settings(max_examples=30, deadline=None)
@given(st.lists(subjects(), min_size=1, max_size=4))
def test_a_condition_comes_back_as_what_is_written(found: list[Registry]) -> None:
    asked = [
        replace(one, condition=Condition(Operator.NONE_OF, ()), default=None)
        for one in found
        if isinstance(one.write, SetValue) and one.condition.operator is Operator.EQUALS
    ]
    assume(asked and apart(asked))
    one = collection(asked)
    back = imported(one)
    assert all(subject.condition.operator is Operator.EQUALS for subject in back)
    expected = [(change.setting.subject.place, change.setting.subject.write) for change in taken(one)]
    assert {(repr(subject.place), repr(subject.write)) for subject in back} == {(repr(a), repr(b)) for a, b in expected}


ENTRIES = st.builds(
    lambda action, key, name, value: Entry(
        action,
        key,
        name if action in (Action.SET, Action.SET_IF_ABSENT, Action.DELETE_VALUE) else None,
        value if action in (Action.SET, Action.SET_IF_ABSENT) else None,
        0,
    ),
    st.sampled_from([action for action in Action if action is not Action.SECURE_KEY]),
    st.sampled_from([r"SOFTWARE\A", r"Software\Policies;[]\B", r"X\y"]),
    NAMES.filter(bool),
    st.sampled_from(list(Kind)).flatmap(lambda kind: DATA[kind].map(lambda data: encode(kind, data))),
)


@given(st.lists(ENTRIES, max_size=6))
def test_registry_pol_says_the_same_to_two_readers(entries: list[Entry]) -> None:
    content = pol(entries)
    records = pol_records(content)
    assert len(records) == len(entries)
    for record, entry in zip(records, ordered(entries), strict=True):
        if entry.value is not None:
            assert (record.type, record.data) == (entry.value.type, entry.value.data)
            assert record.name.removeprefix("**soft.") == entry.name
        assert record.key == (entry.key.rpartition("\\")[0] if entry.action is Action.DELETE_KEY else entry.key)
    assert read_pol(content, "registry.pol", hive="HKLM").entries == len(entries)


def test_a_tree_comes_back_whole() -> None:
    from policyc.model import RemoveTree

    key = key_of("HKLM\\SOFTWARE\\Contoso\\Old", None)
    place = Place(key.hive, key.view, key.key, None)
    (back,) = imported(collection([Registry(place, Condition(Operator.ABSENT), write=RemoveTree())]))
    assert (back.place, back.condition.operator, back.write) == (place, Operator.ABSENT, RemoveTree())


@pytest.mark.parametrize("why", ["", 'Because of "A" & <B>'])
def test_the_command_imports_what_was_compiled(tmp_path: Path, why: str) -> None:
    words = "registry: {key: HKLM\\SOFTWARE\\Contoso, name: N, type: dword, equals: 7}"
    folder = compiled(tmp_path, f"settings:\n  one: {{title: x, why: '{why}', {words}}}\n")
    into = tmp_path / "again"
    into.mkdir()
    (into / "project.yaml").write_text(HEAD, encoding="utf-8")
    command = [sys.executable, "-m", "policyc", "import", "gpo", str(folder / "backup"), "--policies", str(into)]
    ended = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    (written,) = [file for file in into.rglob("*.yaml") if file.name != "project.yaml"]
    text = written.read_text("utf-8")
    assert "equals: 7" in text
    assert ("why:" in text) == bool(why)
