"""What entries of registry files become."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyc.importers import Imported, pol, reg
from policyc.importers.policy_file import Written, write_policy
from policyc.importers.registry import IMPORTERS, importer
from policyc.lowering import lower
from policyc.model import Append, Data, DeleteValue, Kind, Operator, Place, Setting, SetValue, View
from policyc.model.place import Hive
from policyc.registry_files import Action, Entry, FormatError, RawValue
from policyc.registry_files.values import Type, encode
from policyc.source import Document, Sources
from policyc.source.tree import build
from unit.registry_files.writing import pol_bytes, raw_pol_entry, reg_text

KEY = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Example"
IDENTITY = "00000000-0000-4000-8000-000000000000"
SHOWN = "HKLM\\SOFTWARE\\Example"

GONE: dict[str, Any] = {"absent": True, "recurse": True}


def of_reg(body: str, key: str = KEY) -> Imported:
    return reg.read(f"Windows Registry Editor Version 5.00\n\n[{key}]\n{body}\n".encode("utf-8", "surrogatepass"), "x.reg")


def of_pol(*entries: Entry) -> Imported:
    return pol.read(pol_bytes(entries), "x.pol", hive="HKLM")


def registry(imported: Imported) -> dict[str, Any]:
    (found,) = imported.settings
    return dict(found.words)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"A"=dword:00000010', {"name": "A", "type": "dword", "equals": 16}),
        ('@="x"', {"name": "", "type": "string", "equals": "x"}),
        ('"A"=hex(2):25,00,00,00', {"name": "A", "type": "expand_string", "equals": "%"}),
        ('"A"=hex(7):61,00,00,00,62,00,00,00,00,00', {"name": "A", "type": "multi_string", "equals": ["a", "b"]}),
        ('"A"=hex(7):00,00', {"name": "A", "type": "multi_string", "equals": []}),
        ('"A"=hex:0a,0B', {"name": "A", "type": "binary", "equals": "0A0B"}),
        ('"A"=hex(b):ff,ff,ff,ff,ff,ff,ff,ff', {"name": "A", "type": "qword", "equals": 2**64 - 1}),
        ('"A"=hex(4):01,00,00,00', {"name": "A", "type": "dword", "equals": 1}),
        ('"A"=hex(1):61,00', {"name": "A", "type": "string", "equals": "a"}),
        ('"A"=-', {"name": "A", "absent": True}),
        ("", {"present": True}),
    ],
)
def test_a_line_becomes_a_setting(line: str, words: dict[str, Any]) -> None:
    imported = of_reg(line)
    assert registry(imported) == {"key": SHOWN, **words}
    assert (imported.refused, imported.same, imported.entries) == ((), 0, 1)
    assert write_policy(imported, name="x").settings == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('"A"=hex(0):', "no policy writes a value of the type REG_NONE"),
        ('"A"=hex(6):00,00', "no policy writes a value of the type REG_LINK"),
        ('"A"=hex(5):00,00,00,01', "no policy writes a value of the type REG_DWORD_BIG_ENDIAN"),
        ('"A"=hex(4711):01', "no policy writes a value of the type kind 18193"),
        ('"A"=hex(4):01,00', "a REG_DWORD has 4 bytes, this one has 2"),
        ('"A"=hex(b):01', "a REG_QWORD has 8 bytes, this one has 1"),
        ('"A"=hex(1):61,00,62', "its text has 3 bytes, and each character takes two"),
        ('"A"=hex(1):61,00,00,00,62,00,00,00', "the text holds the character NUL"),
        ('"A"=hex(1):00,d8,00,00', "the text holds half of a surrogate pair"),
        ('"A"=hex(7):61,00,00,00,00,00,62,00,00,00,00,00', "an element of the list is empty"),
        ('"A"=hex(7):00,00,61,00,00,00,00,00', "an element of the list is empty"),
        ('"A"=dword:123456789', "hex(n): and -; Windows passes over the line"),
        ('"A"=qword:1', "the data is none of"),
        ('"**del.A"=dword:1', "no directive of this name is known"),
    ],
)
def test_data_that_no_policy_can_write_is_refused(line: str, reason: str) -> None:
    imported = of_reg(line)
    assert imported.settings == ()
    (refused,) = imported.refused
    assert refused.source == "line 4"
    assert reason in refused.reason
    assert imported.entries == 1


@pytest.mark.parametrize(
    ("data", "elements"),
    [("", []), ("00,00", []), ("00,00,00,00", []), ("00,00," * 4 + "00,00", []), ("61,00,00,00,00,00,00,00,00,00", ["a"])],
)
def test_a_list_is_imported_as_far_as_windows_reads_it(data: str, elements: list[str]) -> None:
    imported = of_reg(f'"A"=hex(7):{data}')
    assert imported.refused == ()
    assert [found.words["equals"] for found in imported.settings] == [elements]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("HKEY_CLASSES_ROOT\\.x", "HKLM\\SOFTWARE\\Classes"),
        ("HKEY_USERS\\S-1-5-21-1-2-3-500\\Software", "write 'HKCU\\Software', which is every real user"),
        ("HKEY_USERS\\S-1-5-19_Classes\\.x", "write 'HKU\\S-1-5-19\\Software\\Classes\\.x'"),
        ("HKEY_CURRENT_CONFIG\\x", "Hardware Profiles"),
        ("HKEY_LOCAL_MACHINE", "whole hive"),
        ("HKEY_LOCAL_MACHINE\\SOFTWARE\\policyc\\journal", "journal"),
        ("HKEY_LOCAL_MACHINE\\\\SOFTWARE", "backslash"),
        ("Software\\x", "hive"),
    ],
)
def test_a_key_that_no_policy_can_name_is_refused_with_what_to_write(key: str, words: str) -> None:
    imported = of_reg('"A"="b"\n"B"=-', key)
    assert imported.settings == ()
    assert [refused.what for refused in imported.refused] == [f"{key} : A", f"{key} : B"]
    assert words in imported.refused[0].reason
    assert imported.entries == 2


def test_a_key_that_is_deeper_than_any_registry() -> None:
    deep = "HKEY_LOCAL_MACHINE" + r"\a" * 100_000
    text = f'Windows Registry Editor Version 5.00\n\n[{deep}]\n"x"=dword:1\n[-{deep}]\n'
    found = reg.read(text.encode("utf-16"), "deep.reg")
    assert found.settings == ()
    assert [one.reason.partition(",")[0] for one in found.refused] == ["the key is more than 512 levels deep"] * 2
    assert all(len(one.what) < 100 for one in found.refused)


def test_each_user_and_the_32_bit_view_are_said_plainly() -> None:
    imported = of_reg(
        '"A"=dword:1\n[HKEY_CURRENT_USER\\Software\\x]\n"A"=dword:1\n[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\x]\n"A"=-',
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\Example",
    )
    assert [dict(found.words) for found in imported.settings] == [
        {"key": SHOWN, "name": "A", "type": "dword", "equals": 1, "view": 32},
        {"key": "HKCU\\Software\\x", "name": "A", "type": "dword", "equals": 1},
        {"key": "HKLM\\SYSTEM\\CurrentControlSet\\x", "name": "A", "absent": True},
    ]
    assert [found.section for found in imported.settings] == [
        f"{SHOWN} (32-bit view)",
        "HKCU\\Software\\x",
        "HKLM\\SYSTEM\\CurrentControlSet\\x",
    ]


def test_a_key_is_a_setting_only_where_nothing_else_brings_it_about() -> None:
    imported = of_reg(f'[{KEY}\\Below]\n"A"="b"\n[{KEY}\\Alone]\n[{KEY}\\Alone]\n[{KEY}\\Gone]\n"A"=-\n[{KEY}\\Broken]\n???')
    assert [(found.words["key"], found.words.get("name")) for found in imported.settings] == [
        (f"{SHOWN}\\Below", "A"),
        (f"{SHOWN}\\Alone", None),
        (f"{SHOWN}\\Gone", "A"),
    ]
    # The first key, which one below it needs, and the one that stands there twice.
    assert (imported.same, len(imported.refused), imported.entries) == (2, 1, 6)


@pytest.mark.parametrize(
    "key",
    [
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Example",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\Example",
        "HKEY_CURRENT_USER\\Software",
    ],
)
def test_a_key_that_windows_lives_on_is_reported_and_not_removed(key: str) -> None:
    imported = of_reg("", f"-{key}")
    [found] = imported.settings
    assert (found.words["absent"], "recurse" in found.words) == (True, False)
    assert write_policy(imported, name="x").settings == 1


def test_keys_of_users_and_of_the_other_view_are_removed_too() -> None:
    imported = of_reg("[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Wow6432Node\\Example\\Old]", "-HKEY_CURRENT_USER\\Software\\Example")
    assert [dict(found.words) for found in imported.settings] == [
        {"key": "HKCU\\Software\\Example", **GONE},
        {"key": "HKLM\\SOFTWARE\\Example\\Old", **GONE, "view": 32},
    ]
    assert write_policy(imported, name="x").settings == 2


def test_a_key_that_is_deleted_is_absent() -> None:
    imported = of_reg(f'[-{KEY}\\Old]\n[-{KEY}\\New]\n[{KEY}\\New\\Below]\n"A"="b"')
    assert [dict(found.words) for found in imported.settings] == [
        {"key": f"{SHOWN}\\Old", "absent": True, "recurse": True},
        {"key": f"{SHOWN}\\New\\Below", "name": "A", "type": "string", "equals": "b"},
    ]
    (refused,) = imported.refused
    assert (refused.source, refused.what) == ("line 5", f"{SHOWN}\\New")
    assert "deletes the key with all that is below it and then writes to it again" in refused.reason
    assert write_policy(imported, name="x").settings == 2


def left(imported: Imported) -> list[dict[str, Any]]:
    """What is imported, without the key."""
    return [{word: said for word, said in found.words.items() if word != "key"} for found in imported.settings]


def overwritten(imported: Imported) -> list[tuple[str, str, str]]:
    return [(one.source, one.what.removeprefix(SHOWN), one.reason) for one in imported.overwritten]


def number(name: str, data: int) -> dict[str, Any]:
    return {"name": name, "type": "dword", "equals": data}


@pytest.mark.parametrize(
    ("lines", "settings", "by"),
    [
        (['"A"=dword:1', '"a"=dword:2'], [number("a", 2)], [("line 4", " : A", "line 5")]),
        (['"A"=dword:1', '"A"="1"'], [{"name": "A", "type": "string", "equals": "1"}], [("line 4", " : A", "line 5")]),
        (
            ['"A"=dword:1', '"A"=dword:2', '"A"=dword:1'],
            [number("A", 1)],
            [("line 4", " : A", "line 5"), ("line 5", " : A", "line 6")],
        ),
        (['"A"=-', '"A"=dword:1'], [number("A", 1)], [("line 4", " : A", "line 5")]),
        (['"A"=dword:1', '"A"=-'], [{"name": "A", "absent": True}], [("line 4", " : A", "line 5")]),
        (['"A"=dword:1', '"A"=hex(0):00'], [], [("line 4", " : A", "line 5")]),
        (['"A"=dword:1', '"A"=qword:2'], [number("A", 1)], []),
        (['"A"=dword:1', f"[-{KEY}]"], [GONE], [("line 4", " : A", "line 5")]),
        (['"A"=dword:1', "[-HKEY_LOCAL_MACHINE\\software\\EXAMPLE\\]"], [GONE], [("line 4", " : A", "line 5")]),
        ([f"[{KEY}\\Below]", f"[-{KEY}]"], [GONE], [("line 3", "", "line 5"), ("line 4", "\\Below", "line 5")]),
        (
            ['"A"=dword:1', f"[-{KEY}]", f"[{KEY}]", '"B"=dword:1'],
            [number("B", 1)],
            [("line 4", " : A", "line 5")],
        ),
        (
            ['"A"=dword:1', f"[-{KEY}]", f"[{KEY}]", '"A"=-'],
            [{"present": True}, {"name": "A", "absent": True}],
            [("line 4", " : A", "line 5")],
        ),
        (
            [f"[-{KEY}\\x]", f"[{KEY}\\x]", f"[-{KEY}\\x]", f"[{KEY}]", '"A"=dword:1'],
            [GONE, GONE, number("A", 1)],
            [("line 5", "\\x", "line 6")],
        ),
        (['"A"=dword:1', '"B"=dword:1', '"A"=dword:1'], [number("A", 1), number("B", 1)], []),
        (['"A"=-', f"[-{KEY}]"], [{"name": "A", "absent": True}, GONE], []),
    ],
)
def test_what_comes_last_in_a_reg_file_holds(
    lines: list[str], settings: list[dict[str, Any]], by: list[tuple[str, str, str]]
) -> None:
    imported = of_reg("\n".join(lines))
    assert (left(imported), overwritten(imported)) == (settings, by)
    written = write_policy(imported, name="x")
    assert (written.contradicted, written.overwritten) == (0, imported.overwritten)
    assert written.settings + written.same == len(settings) + imported.same


def test_a_key_that_is_deleted_and_written_to_by_what_no_policy_can_write_is_not_absent() -> None:
    imported = of_reg(f'[-{KEY}]\n[{KEY}]\n"A"=hex(0):00')
    assert left(imported) == [{"present": True}]
    assert [one.source for one in imported.refused] == ["line 4", "line 6"]


def test_deleting_and_writing_in_turns_takes_time_that_grows_with_the_file() -> None:
    lines = [f'[-{KEY}\\{number % 7}]\n[{KEY}\\{number % 7}\\a\\b]\n"A"=dword:{number:x}' for number in range(20_000)]
    imported = of_reg("\n".join(lines))
    assert (len(imported.settings), len(imported.overwritten)) == (7, 19_993)


def test_as_much_of_the_key_as_it_takes_is_in_an_id() -> None:
    imported = of_reg(
        '"On"=dword:1\n"on"=dword:1\n'
        '[HKEY_CURRENT_USER\\Software\\Example]\n"On"=dword:1\n"Tray"=dword:1\n'
        f'[{KEY}\\a\\Log]\n"Level"=dword:1\n[{KEY}\\b\\Log]\n"Level"=dword:1\n"Size"=dword:1'
    )
    written = write_policy(imported, name="x")
    assert [found.id for found in written.files[0].settings] == [
        "example-on",
        "user-example-on",
        "tray",
        "a-log-level",
        "b-log-level",
        "size",
    ]


def test_titles_and_ids_are_those_that_a_person_would_choose() -> None:
    imported = of_reg(
        '"EnableLUA"=dword:1\n"Enabled"=dword:1\n@="x"\n"1"="y"\n"Long"="'
        + "z" * 100
        + '"\n"E"=hex:\n"L"=hex(7):00,00\n"T"=""\n'
        '"Gr\u00f6\u00dfe"=-\n"M"="a\n\tb"\n'
        f'[{KEY}\\Profile]\n"enabled"=dword:0\n[{KEY}\\Key]\n[-{KEY}\\None]'
    )
    written = write_policy(imported, name="x")
    assert [(found.id, found.title) for found in written.files[0].settings] == [
        ("enable-lua", "Example: EnableLUA is 1"),
        ("example-enabled", "Example: Enabled is 1"),
        ("example", "Example: (Default) is x"),
        ("example-1", "Example: 1 is y"),
        ("long", f"Example: Long is {'z' * 69}\u2026"),
        ("e", "Example: E is no bytes"),
        ("l", "Example: L is an empty list"),
        ("t", "Example: T is empty"),
        ("grosse", "Example: Gr\u00f6\u00dfe is not there"),
        ("m", "Example: M is a b"),
        ("profile-enabled", "Profile: enabled is 0"),
        ("key", "The key Key is there"),
        ("none", "The key None is not there"),
    ]


ONE = RawValue(Type.REG_DWORD, b"\1\0\0\0")


def entry(action: Action, name: str | None = None, value: RawValue | None = None, key: str = "Software\\Example") -> Entry:
    return Entry(action, key, name, value, 1)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (entry(Action.SET, "A", ONE), {"name": "A", "type": "dword", "equals": 1}),
        (entry(Action.SET_IF_ABSENT, "A", ONE), {"name": "A", "type": "dword", "present": True, "set": 1}),
        (entry(Action.DELETE_VALUE, "A"), {"name": "A", "absent": True}),
        (entry(Action.CREATE_KEY), {"present": True}),
        (entry(Action.DELETE_KEY), GONE),
    ],
)
def test_an_entry_of_group_policy_becomes_a_setting(one: Entry, words: dict[str, Any]) -> None:
    assert registry(of_pol(one)) == {"key": "HKLM\\Software\\Example", **words}
    assert write_policy(of_pol(one), name="x").settings == 1


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (Action.SECURE_KEY, "it changes who may write to the key"),
    ],
)
def test_what_group_policy_does_and_no_policy_can_is_refused(action: Action, reason: str) -> None:
    imported = of_pol(entry(action), entry(Action.SET, "A", ONE))
    assert [(one.source, one.what) for one in imported.refused] == [("entry 1", "HKLM\\Software\\Example")]
    assert imported.refused[0].reason.startswith(reason)
    assert [found.source for found in imported.settings] == ["entry 2"]


def test_an_unknown_directive_is_refused() -> None:
    imported = pol.read(b"PReg\1\0\0\0" + raw_pol_entry("x", "**new", ONE), "x.pol", hive="HKCU")
    assert imported.settings == ()
    assert "no directive of this name is known" in imported.refused[0].reason


TWO = RawValue(Type.REG_DWORD, b"\2\0\0\0")
CLEARED = (Action.DELETE_ALL_VALUES, None, None)


def only(values: object) -> dict[str, Any]:
    return {"type": "dword", "only_values": values}


def test_a_key_with_a_value_that_no_policy_can_say_is_no_list() -> None:
    """As a list it would lose that value on every device."""
    odd = entry(Action.SET, "B", RawValue(Type.REG_NONE, b""))
    imported = of_pol(entry(Action.DELETE_ALL_VALUES), entry(Action.SET, "A", ONE), odd)
    assert [found.words.get("name") for found in imported.settings] == ["A"]
    assert [one.source for one in imported.refused] == ["entry 1", "entry 3"]
    assert imported.refused[0].reason.startswith("it deletes every value of the key, and what the file then writes there can't")


def test_each_entry_of_a_list_is_counted_once() -> None:
    imported = of_pol(entry(Action.DELETE_ALL_VALUES), entry(Action.SET, "A", ONE), entry(Action.SET, "B", TWO))
    assert (imported.entries, len(imported.settings), imported.joined) == (3, 1, 2)
    assert write_policy(imported, name="x").joined == 2


@pytest.mark.parametrize(
    ("said_there", "settings", "lost"),
    [
        ([(Action.DELETE_VALUE, "a", None), (Action.SET, "A", ONE)], [number("A", 1)], [1]),
        ([(Action.SET, "A", ONE), (Action.DELETE_VALUE, "a", None)], [{"name": "a", "absent": True}], [1]),
        ([(Action.SET, "A", ONE), (Action.SET_IF_ABSENT, "A", TWO)], [number("A", 1)], [2]),
        ([(Action.SET_IF_ABSENT, "A", ONE), (Action.SET, "A", TWO)], [number("A", 2)], [1]),
        ([(Action.DELETE_VALUE, "A", None), (Action.SET_IF_ABSENT, "A", TWO)], [number("A", 2)], [1]),
        ([CLEARED, (Action.SET_IF_ABSENT, "A", TWO)], [only({"A": 2})], []),
        ([(Action.SET, "A", ONE), CLEARED, (Action.SET, "B", TWO)], [only({"B": 2})], [1]),
        ([CLEARED], [{"only_values": []}], []),
        ([CLEARED, (Action.SET, "1", TWO), (Action.SET, "2", ONE)], [only([2, 1])], []),
        ([CLEARED, (Action.SET, "2", TWO), (Action.SET, "1", ONE)], [only({"2": 2, "1": 1})], []),
        ([CLEARED, (Action.DELETE_VALUE, "X", None), (Action.SET, "1", ONE), CLEARED], [{"only_values": []}], [3]),
        ([(Action.DELETE_VALUE, "X", None), CLEARED, (Action.SET, "1", ONE)], [only([1])], []),
        (
            [CLEARED, (Action.SET, "A", ONE), (Action.SET, "B", RawValue(Type.REG_SZ, b"x\0\0\0"))],
            [{"only_values": {"A": {"type": "dword", "data": 1}, "B": {"type": "string", "data": "x"}}}],
            [],
        ),
        (
            [(Action.SET_IF_ABSENT, "A", ONE), (Action.SET_IF_ABSENT, "A", TWO)],
            [{"name": "A", "type": "dword", "present": True, "set": 1}],
            [2],
        ),
        ([(Action.SET, "A", ONE), (Action.DELETE_KEY, None, None)], [GONE], [1]),
        ([(Action.DELETE_KEY, None, None), (Action.SET, "A", ONE)], [number("A", 1)], []),
    ],
)
def test_what_comes_last_in_a_registry_pol_holds(
    said_there: list[tuple[Action, str | None, RawValue | None]], settings: list[dict[str, Any]], lost: list[int]
) -> None:
    imported = of_pol(*(entry(*one) for one in said_there))
    assert left(imported) == settings
    assert [one.source for one in imported.overwritten] == [f"entry {index}" for index in lost]
    assert write_policy(imported, name="x").contradictions == ()


@pytest.mark.parametrize(
    ("name", "hive", "title"),
    [
        ("registry.pol", "HKLM", "Group Policy of the machine"),
        ("Registry.POL", "HKCU", "Group Policy of the users"),
        ("chrome.registry.pol", "HKLM", "chrome"),
        ("browser", "HKLM", "browser"),
    ],
)
def test_a_title_comes_from_the_name_of_the_file(name: str, hive: str, title: str) -> None:
    assert pol.read(b"PReg\1\0\0\0", name, hive=hive).title == title


def test_a_pol_file_needs_a_hive() -> None:
    with pytest.raises(FormatError, match="doesn't tell whether it is for the machine"):
        pol.read(b"PReg\1\0\0\0", "x.pol")


def test_every_format_has_an_importer() -> None:
    assert {"reg", "pol"} <= set(IMPORTERS)
    assert importer("reg") is reg


# Round trips: a policy's values, as a file of the format, imported again

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
DATA: dict[Kind, st.SearchStrategy[Data]] = {
    Kind.STRING: TEXT,
    Kind.EXPAND_STRING: TEXT,
    Kind.MULTI_STRING: st.lists(TEXT.filter(bool), max_size=4).map(tuple),
    Kind.DWORD: st.integers(0, 2**32 - 1),
    Kind.QWORD: st.integers(0, 2**64 - 1),
    Kind.BINARY: st.binary(max_size=60),
}
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=8).filter(
    lambda name: not name.startswith("**")
)
KEYS = st.sampled_from(
    ["SOFTWARE\\Example", "SOFTWARE\\Example\\Below", "SYSTEM\\CurrentControlSet\\Services\\x", "SOFTWARE\\[a] b"]
)
WANTED = st.sampled_from(list(Kind)).flatmap(lambda kind: st.tuples(st.just(kind), DATA[kind])) | st.none()
PLACES = st.dictionaries(
    st.builds(Place, st.sampled_from(list(Hive)), st.just(View.BITS_64), KEYS, NAMES),
    WANTED,
    max_size=6,
)
Wanted = dict[Place, tuple[Kind, Data] | None]


def entries(places: Wanted) -> list[Entry]:
    """What a file says so that these hold; None: the value is deleted."""
    found = []
    for place, wanted in places.items():
        value = None if wanted is None else encode(*wanted)
        action = Action.DELETE_VALUE if wanted is None else Action.SET
        found.append(Entry(action, place.key, place.name, value, len(found) + 1))
    return found


def lowered(written: Written) -> list[Setting]:
    """The settings of the written policies, as the compiler understands them."""
    found: list[Setting] = []
    for file in written.files:
        built = build("x.yaml", file.text.replace("  mode: audit", "  mode: enforce"))
        assert built.findings == []
        sources = (
            Document("x.yaml", "collection", built.tree, None),
            Document("project.yaml", "project", {"project": {"name": "x", "id": IDENTITY}}, None),
        )  # type: ignore[arg-type]
        project, diagnostics = lower(Sources(None, sources, ()))  # type: ignore[arg-type]
        assert [one for one in diagnostics if one.is_error] == []
        assert project is not None
        found += project.collections[0].settings
    return found


def said(settings: list[Setting]) -> dict[object, tuple[Kind, Data] | None]:
    """What the settings want at each place, after a look at what they would write."""
    result: dict[object, tuple[Kind, Data] | None] = {}
    for setting in settings:
        assert not isinstance(setting.subject.write, Append)
        if setting.subject.condition.operator is Operator.ABSENT:
            assert isinstance(setting.subject.write, DeleteValue)
            result[setting.subject.place.identity] = None
        else:
            assert setting.subject.condition.operator is Operator.EQUALS
            assert setting.subject.kind is not None
            assert setting.subject.write == SetValue(setting.subject.condition.operands[0])
            result[setting.subject.place.identity] = (setting.subject.kind, setting.subject.condition.operands[0])
    return result


def distinct(places: Wanted) -> Wanted:
    return dict({place.identity: (place, wanted) for place, wanted in places.items()}.values())


@settings(deadline=None, max_examples=60)
@given(PLACES.map(distinct), st.sampled_from(["utf-16", "utf-8-sig"]), st.integers(1, 30))
def test_values_come_back_through_a_reg_file(places: Wanted, encoding: str, width: int) -> None:
    said_there: list[Entry] = []
    for place, one in zip(places, entries(places), strict=True):
        top, _, account = place.hive.partition("\\")
        top = {"HKLM": "HKEY_LOCAL_MACHINE", "HKCU": "HKEY_CURRENT_USER", "HKU": "HKEY_USERS"}[top]
        key = "\\".join(part for part in (top, account, place.key) if part)
        said_there += [Entry(Action.CREATE_KEY, key, None, None, 0), Entry(one.action, key, one.name, one.value, 0)]
    imported = reg.read(reg_text(said_there, width=width).encode(encoding), "x.reg")
    assert imported.refused == ()
    written = write_policy(imported, name="x", head="collection")
    assert (written.refused, written.contradictions) == ((), ())
    assert said(lowered(written)) == {place.identity: wanted for place, wanted in places.items()}


@settings(deadline=None, max_examples=60)
@given(PLACES.map(distinct), st.sampled_from([Hive.MACHINE, Hive.USER]))
def test_values_come_back_through_a_registry_pol(places: Wanted, hive: Hive) -> None:
    places = distinct({Place(hive, place.view, place.key, place.name): wanted for place, wanted in places.items()})
    imported = pol.read(pol_bytes(entries(places)), "x.pol", hive=hive.value)
    assert imported.refused == ()
    written = write_policy(imported, name="x", head="collection")
    assert (written.refused, written.contradictions) == ((), ())
    assert said(lowered(written)) == {place.identity: wanted for place, wanted in places.items()}


ACTIONS = st.builds(
    Entry,
    st.sampled_from(list(Action)),
    st.sampled_from(["Software\\x", "Software\\x\\y", "", "\\", "Software\\" + "k" * 300]) | st.text(max_size=5),
    st.text(max_size=4),
    st.builds(RawValue, st.sampled_from(list(Type)) | st.integers(0, 20), st.binary(max_size=9)),
    st.just(0),
)


@settings(deadline=None, max_examples=80)
@given(st.lists(ACTIONS, max_size=6).map(pol_bytes) | st.binary(max_size=40))
def test_whatever_a_registry_pol_says_is_counted_once(data: bytes) -> None:
    try:
        imported = pol.read(data, "x.pol", hive="HKLM")
    except FormatError:
        return
    beside = imported.same + imported.joined + len(imported.overwritten)
    assert imported.entries == len(imported.settings) + len(imported.refused) + beside
    written = write_policy(imported, name="x")
    others = written.contradicted + written.same + written.joined + len(written.overwritten)
    assert written.entries == written.settings + len(written.refused) + others


SAID = [
    *("[HKEY_LOCAL_MACHINE\\SOFTWARE\\x]", "[-HKEY_LOCAL_MACHINE\\SOFTWARE\\x]", "[HKCU\\y]", "[HKU\\z]", "; x", "", "?"),
    *('"a"=dword:1', '"a"=dword:2', '"A"=-', "@=-", '"b"="c', '"d"=hex(7):00,\\', "  01", '"e"=hex(0):', '"c"="\\\\"'),
    '"\ud83d"="\U0001f600"',
]
LINES = st.sampled_from(SAID) | st.text(max_size=8)


@settings(deadline=None, max_examples=80)
@given(st.lists(LINES, max_size=12), st.sampled_from(["utf-8", "utf-16"]))
def test_whatever_a_reg_file_says_is_counted_once(lines: list[str], encoding: str) -> None:
    text = "\n".join(["Windows Registry Editor Version 5.00", *lines])
    try:
        imported = reg.read(text.encode(encoding, "replace" if encoding == "utf-8" else "surrogatepass"), "x.reg")
    except FormatError:
        return
    assert imported.entries == len(imported.settings) + len(imported.refused) + imported.same + len(imported.overwritten)
    written = write_policy(imported, name="x")
    others = written.contradicted + written.same + len(written.overwritten)
    assert written.entries == written.settings + len(written.refused) + others
