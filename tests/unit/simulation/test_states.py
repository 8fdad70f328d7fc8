"""States from files: what a person writes, what was exported, what Windows keeps in hives."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policyc.diagnostics import Level
from policyc.evaluation.device import KEY, Device, Draft
from policyc.evaluation.state import ABSENT, UNREADABLE, Held
from policyc.evaluation.windows import BUILD, INSTALLATION_TYPE
from policyc.model import Hive, Kind, Location, Place, View
from policyc.simulation.files import load_state
from policyc.source import schema
from unit.registry_files.regf import Hive as HiveFile

AT = Location("", (), line=None)


def machine(key: str, name: str | None, view: View = View.BITS_64) -> Place:
    return Place(Hive.MACHINE, view, key, name)


def account(hive, key, name):
    return Place(hive, View.BITS_64, key, name)


def users(key: str, name: str | None) -> Place:
    return Place(Hive.USER, View.BITS_64, key, name)


def load(root: Path, *texts: str, wanted=()):
    found = []
    draft = Draft()
    for text in texts:
        layer = load_state(root, text, AT, wanted, found)
        if layer is not None:
            layer.lay(draft)
    return draft.device(), found


def state(tmp_path: Path, text: str):
    (tmp_path / "device.yaml").write_text(text, encoding="utf-8")
    return load(tmp_path, "device.yaml")


def test_every_kind(tmp_path):
    device, found = state(
        tmp_path,
        r"""
device: {name: All kinds, build: 22631, role: domain_controller}
registry:
  HKLM\SOFTWARE\Example:
    "": {string: default}
    Expand: {expand_string: "%windir%"}
    List: {multi_string: [a, ""]}
    Number: {dword: 0xFFFFFFFF}
    Wide: {qword: 18446744073709551615}
    Bytes: {binary: "00fF"}
    Bare: {none: "01"}
    Link: {unreadable: true}
  HKLM\SOFTWARE\Empty: {}
  HKLM\SOFTWARE\WOW6432Node\Node:
    V: {dword: 1}
registry_32:
  HKLM\SOFTWARE\Example:
    V: {dword: 2}
users:
  anna:
    HKCU\Software\Example:
      Colour: {string: red}
  S-1-5-21-1-2-3-1001: {}
""",
    )
    assert found == []
    example = "SOFTWARE\\Example"
    assert {
        name: device.state(machine(example, name)) for name in ("", "EXPAND", "list", "Number", "Wide", "Bytes", "Bare", "Link")
    } == {
        "": Held(Kind.STRING, "default"),
        "EXPAND": Held(Kind.EXPAND_STRING, "%windir%"),
        "list": Held(Kind.MULTI_STRING, ("a", "")),
        "Number": Held(Kind.DWORD, 2**32 - 1),
        "Wide": Held(Kind.QWORD, 2**64 - 1),
        "Bytes": Held(Kind.BINARY, b"\x00\xff"),
        "Bare": Held(None, b"\x01"),
        "Link": UNREADABLE,
    }
    assert device.state(machine("SOFTWARE\\Empty", None)) == KEY
    assert device.state(machine("SOFTWARE\\Node", "V", View.BITS_32)) == Held(Kind.DWORD, 1)
    assert device.state(machine(example, "V", View.BITS_32)) == Held(Kind.DWORD, 2)
    assert device.users == ("anna", "S-1-5-21-1-2-3-1001")
    assert device.state(users("Software\\Example", "Colour"), "anna") == Held(Kind.STRING, "red")
    assert device.state(BUILD) == Held(Kind.STRING, "22631")
    assert device.state(INSTALLATION_TYPE) == Held(Kind.STRING, "Server")


def test_one_identity_for_one_place(tmp_path):
    device, found = state(
        tmp_path,
        "device: {}\nregistry:\n  HKEY_LOCAL_MACHINE\\System\\ControlSet001\\Control\\Lsa: {V: {dword: 1}}\n",
    )
    assert [(one.code, one.level) for one in found] == [("PC0305", "warning")]
    assert device.state(machine("SYSTEM\\CurrentControlSet\\Control\\LSA", "v")) == Held(Kind.DWORD, 1)


@pytest.mark.parametrize(
    ("text", "code", "path", "message", "help"),
    [
        ("registry: {'HKCU\\Software\\X': {}}", "PC0902", ("registry", "HKCU\\Software\\X"), "a key of users", "under 'users'"),
        ("registry: {'HKLM\\Policies\\X': {}}", "PC0339", None, "no hive 'Policies'", r"write 'HKLM\SOFTWARE\Policies\X'"),
        ("registry: {'HKLM\\SOFTWARE\\…\\X': {}}", "PC0340", None, "stands for keys", "in full"),
        ("users: {anna: {'HKCU\\HKCU\\X': {}}}", "PC0339", None, "a hive twice", r"write 'HKCU\X'"),
        ("users: {anna: {'HKLM\\SOFTWARE\\X': {}}}", "PC0902", None, "a key of the machine", "under 'registry'"),
        ("registry: {'HKU\\S-1-5-80\\X': {}}", "PC0302", None, "isn't a hive", "reaches only"),
        ("users: {anna: {'HKU\\S-1-5-19\\X': {}}}", "PC0902", None, "an account of Windows", "under 'registry'"),
        ("registry: {'HKLM/SOFTWARE': {}}", "PC0303", None, "slashes", r"HKLM\SOFTWARE"),
        ("registry: {'HKLM\\SOFTWARE\\policyc\\journal': {}}", "PC0306", None, "journal", "no journal"),
        ("registry_32: {'HKLM\\SYSTEM\\X': {}}", "PC0304", None, "one key for 32-bit", "under 'registry'"),
        ("users: {S-1-5-18: {}}", "PC0904", ("users", "S-1-5-18"), "no user", r"'HKU\.DEFAULT\Software"),
        ("users: {.Default: {}}", "PC0904", None, "no user", r"'HKU\.DEFAULT\Software"),
        ("users: {'HKU\\S-1-5-20': {}}", "PC0904", None, "no user", r"'HKU\S-1-5-20\Software"),
        ("users: {S-1-5-80-1: {}}", "PC0904", ("users", "S-1-5-80-1"), "no real user", "any name"),
        ("users: {'': {}}", "PC0904", None, "no name", "any name"),
        (
            "registry: {'HKLM\\SOFTWARE\\X': {A: {dword: 1}}, 'hklm\\software\\x': {a: {dword: 2}}}",
            "PC0903",
            ("registry", "hklm\\software\\x", "a"),
            "said twice",
            "take one",
        ),
        (
            (
                "device: {build: 1}\n"
                "registry: {'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion': {CurrentBuildNumber: {string: '2'}}}"
            ),
            "PC0903",
            None,
            "said twice",
            "take one",
        ),
        ("registry: {'HKLM\\SOFTWARE\\X': {A: {dwrod: 1}}}", "PC0201", None, "'dwrod' is not known in a value", "'dword'"),
        ("registry: {'HKLM\\SOFTWARE\\X': {A: {dword: 4294967296}}}", "PC0207", None, "out of range", "4294967295"),
        ("registry: {'HKLM\\SOFTWARE\\X': {A: {dword: 1, qword: 1}}}", "PC0210", None, "2 entries", "at most 1"),
        ("registry: {'HKLM\\SOFTWARE\\X': {A: {}}}", "PC0210", None, "says nothing", "add one of"),
        ("registry: {'HKLM\\SOFTWARE\\X': {A: 3}}", "PC0204", None, "keys of its own", "{dword: 3}"),
        ("registry: {'HKLM\\SOFTWARE\\X': {A: {string: 3}}}", "PC0205", None, "a number", "quotes"),
        ("registry: {'HKLM\\SOFTWARE\\X': {A: {binary: 'abc'}}}", "PC0208", None, "'abc'", "hex digits"),
        ("regstry: {}", "PC0201", ("regstry",), "not known", "'registry'"),
        ("device: {rle: server}", "PC0201", None, "not known under 'device'", "'role'"),
        ("device: {role: client}", "PC0206", None, "can't be 'client'", "workstation"),
    ],
)
def test_mistakes(tmp_path, text, code, path, message, help):
    head = "" if text.startswith("device") else "device: {}\n"
    _, found = state(tmp_path, head + text + "\n")
    assert [one.code for one in found] == [code]
    assert message in found[0].message
    assert help in found[0].help
    assert found[0].location.file == "device.yaml"
    if path is not None:
        assert found[0].location.path == path


def test_a_doubtful_control_set_is_a_warning(tmp_path):
    device, found = state(tmp_path, "device: {}\nregistry: {'HKLM\\SYSTEM\\ControlSet002\\X': {}}\n")
    assert [(one.code, one.level) for one in found] == [("PC0305", Level.WARNING)]
    assert device.state(machine("SYSTEM\\ControlSet002\\X", None)) == KEY


REG = r"""Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Example]
@="default"
"Number"=dword:00000005
"Short"=hex(4):05
"Big"=hex(5):00,00,00,05
"None"=hex(0):01
"Gone"="x"
"Gone"=-

[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Example]
"Number"=dword:00000006

[HKEY_LOCAL_MACHINE\SOFTWARE\Old]
"V"="x"

[-HKEY_LOCAL_MACHINE\SOFTWARE\Old]

[HKEY_CURRENT_USER\Software\Example]
"Colour"="red"

[HKEY_USERS\S-1-5-21-1-2-3-1001\Software\Example]
"Colour"="blue"

[HKEY_USERS\S-1-5-21-1-2-3-1001_Classes\.x]
@="y"

[HKEY_USERS\.DEFAULT\Software\Example]
"Colour"="green"

[HKEY_USERS\S-1-5-18\Software\Example]
"Size"="L"

[HKEY_USERS\S-1-5-20_Classes\.x]
@="z"

[HKEY_USERS\S-1-5-80-1\Software\Example]

[HKEY_CLASSES_ROOT\.x]
"""


def test_an_export(tmp_path):
    (tmp_path / "export.reg").write_bytes(b"\xff\xfe" + REG.encode("utf-16-le"))
    device, found = load(tmp_path, "export.reg")
    assert [(one.code, one.level) for one in found] == [("PC0905", Level.NOTE), ("PC0905", Level.NOTE)]
    assert "'HKEY_CLASSES_ROOT\\.x' in 'export.reg' isn't taken: HKEY_CLASSES_ROOT is only a view" in found[0].message
    assert "export HKEY_LOCAL_MACHINE\\SOFTWARE\\Classes and HKEY_CURRENT_USER\\Software\\Classes" in found[0].help
    assert "'HKEY_USERS\\S-1-5-80-1\\Software\\Example' in 'export.reg' can be named by no policy" in found[1].message
    example = "SOFTWARE\\Example"
    assert {name: device.state(machine(example, name)) for name in ("", "Number", "Short", "Big", "None", "Gone")} == {
        "": Held(Kind.STRING, "default"),
        "Number": Held(Kind.DWORD, 5),
        "Short": Held(Kind.DWORD, 5),
        "Big": UNREADABLE,
        "None": Held(None, b"\x01"),
        "Gone": ABSENT,
    }
    assert device.state(machine(example, "Number", View.BITS_32)) == Held(Kind.DWORD, 6)
    assert device.state(machine("SOFTWARE\\Old", None)) is ABSENT
    assert device.users == ("user", "S-1-5-21-1-2-3-1001")
    assert device.state(users("Software\\Example", "Colour"), "user") == Held(Kind.STRING, "red")
    assert device.state(users("Software\\Example", "Colour"), "S-1-5-21-1-2-3-1001") == Held(Kind.STRING, "blue")
    assert device.state(users("Software\\Classes\\.x", ""), "S-1-5-21-1-2-3-1001") == Held(Kind.STRING, "y")
    assert device.state(account(Hive.SYSTEM, "Software\\Example", "Colour")) == Held(Kind.STRING, "green")
    assert device.state(account(Hive.SYSTEM, "Software\\Example", "Size")) == Held(Kind.STRING, "L")
    assert device.state(account(Hive.NETWORK_SERVICE, "Software\\Classes\\.x", "")) == Held(Kind.STRING, "z")
    assert device.state(account(Hive.LOCAL_SERVICE, "Software\\Example", None)) is ABSENT


def test_accounts_of_windows_in_a_state_file(tmp_path):
    device, found = state(
        tmp_path,
        "device: {}\nregistry:\n  HKU\\.DEFAULT\\Software\\Console: {V: {dword: 1}}\n"
        "  HKEY_USERS\\s-1-5-19\\Software\\Console: {V: {dword: 2}}\n"
        "  HKLM\\Software\\Console: {V: {dword: 3}}\nusers:\n  anna: {HKCU\\Software\\Console: {V: {dword: 4}}}\n",
    )
    assert found == []
    assert device.users == ("anna",)
    held = [device.state(account(hive, "Software\\Console", "v"), "anna" if hive is Hive.USER else None) for hive in Hive]
    assert held == [Held(Kind.DWORD, 3), Held(Kind.DWORD, 4), Held(Kind.DWORD, 1), Held(Kind.DWORD, 2), ABSENT]


def test_whose_export_it_is(tmp_path):
    (tmp_path / "export.reg").write_text("REGEDIT4\n\n[HKEY_CURRENT_USER\\Software\\Example]\n", encoding="ascii")
    device, _ = load(tmp_path, r"HKU\anna=export.reg")
    assert device.users == ("anna",)
    assert device.state(users("Software\\Example", None), "anna") == KEY


def test_states_add_up_and_the_later_one_holds(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "device: {}\nregistry: {'HKLM\\SOFTWARE\\X': {A: {dword: 1}, B: {dword: 1}}}\n", encoding="utf-8"
    )
    (tmp_path / "b.reg").write_text('REGEDIT4\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\x]\n"a"=dword:2\n"B"=-\n', encoding="ascii")
    device, found = load(tmp_path, "a.yaml", "b.reg")
    assert found == []
    assert device.state(machine("SOFTWARE\\X", "A")) == Held(Kind.DWORD, 2)
    assert device.state(machine("SOFTWARE\\X", "B")) is ABSENT


FIVE = {"values": {"V": (4, struct.pack("<I", 5))}}


def test_hives_by_their_names(tmp_path):
    pytest.importorskip("regipy")
    software = {
        "keys": {
            "Example": FIVE,
            "WOW6432Node": {"keys": {"Example": {}}},
            "Classes": {"keys": {"WOW6432Node": {"keys": {"CLSID": FIVE}}}},
        }
    }
    system = {
        "keys": {"ControlSet003": {"keys": {"Control": FIVE}}, "Select": {"values": {"Current": (4, struct.pack("<I", 3))}}}
    }
    (tmp_path / "SOFTWARE").write_bytes(HiveFile(software).bytes())
    (tmp_path / "system").write_bytes(HiveFile(system).bytes())
    (tmp_path / "NTUSER.DAT").write_bytes(HiveFile({"keys": {"Software": {"keys": {"Example": FIVE}}}}).bytes())
    (tmp_path / "UsrClass.dat").write_bytes(HiveFile({"keys": {".x": FIVE}}).bytes())
    wanted = [
        machine("SOFTWARE\\Example", "V"),
        machine("SOFTWARE\\Example", "V", View.BITS_32),
        machine("SOFTWARE\\Classes\\CLSID", "V", View.BITS_32),
        machine("SYSTEM\\CurrentControlSet\\Control", "V"),
        users("Software\\Example", "V"),
        users("Software\\Classes\\.x", "V"),
    ]
    device, found = load(tmp_path, "SOFTWARE", "system", "NTUSER.DAT", "UsrClass.dat", wanted=wanted)
    assert found == []
    owners = [None, None, None, None, "user", "user"]
    five = Held(Kind.DWORD, 5)
    assert [device.state(place, user) for place, user in zip(wanted, owners, strict=True)] == [
        five,
        ABSENT,
        five,
        five,
        five,
        five,
    ]
    assert device.state(machine("SOFTWARE\\Example", None, View.BITS_32)) == KEY


@pytest.mark.parametrize(
    ("said", "hive"),
    [
        ("DEFAULT", Hive.SYSTEM),
        (r"HKU\S-1-5-18=NTUSER.DAT", Hive.SYSTEM),
        (r"HKEY_USERS\s-1-5-19=NTUSER.DAT", Hive.LOCAL_SERVICE),
        (r"HKU\S-1-5-20\Software=saved.hiv", Hive.NETWORK_SERVICE),
    ],
)
def test_the_hives_of_accounts_of_windows(tmp_path, said, hive):
    pytest.importorskip("regipy")
    content = {"keys": {"Example": FIVE}}
    whole = content if said.startswith(r"HKU\S-1-5-20") else {"keys": {"Software": content}}
    (tmp_path / said.rpartition("=")[2]).write_bytes(HiveFile(whole).bytes())
    wanted = [account(one, "Software\\Example", "V") for one in Hive]
    device, found = load(tmp_path, said, wanted=wanted)
    assert (device.users, found) == ((), [])
    assert [place.hive for place in wanted if device.state(place, "user") == Held(Kind.DWORD, 5)] == [hive]


def test_a_hive_of_another_name_and_an_empty_one(tmp_path):
    pytest.importorskip("regipy")
    (tmp_path / "saved.hiv").write_bytes(HiveFile({"keys": {"Software": {}}}).bytes())
    device, found = load(tmp_path, r"HKU\anna=saved.hiv")
    assert (device.users, found) == (("anna",), [])
    device, found = load(tmp_path, r"HKLM\SOFTWARE\Vendor=saved.hiv", wanted=[machine("SOFTWARE\\Vendor\\Software", None)])
    assert device.state(machine("SOFTWARE\\Vendor\\Software", None)) == KEY


@pytest.mark.parametrize(
    ("text", "content", "message"),
    [
        ("gone.yaml", None, "no such file"),
        ("gone.reg", None, "no such file"),
        (".", None, "it is a folder"),
        ("a.reg", b"REGEDIT4\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\X]\nfoo\n", "line 3 of 'a.reg'"),
        ("a.reg", b"nothing", "can't be read as a state"),
        ("a.pol", b"PReg\x01\0\0\0", "policyc import pol"),
        ("any.hiv", b"regf", "its name doesn't tell"),
        ("SOFTWARE", b"regf", "the hive is damaged or cut off: not all"),
        ("SOFTWARE", b"", "it doesn't begin as a hive does (regf)"),
        (r"HKLM\SOFTWARE=saved.hiv", b"MZ\x90\0", "it doesn't begin as a hive does (regf)"),
        (r"HKU\anna=NTUSER.DAT", b"\0\0\0\0", "it doesn't begin as a hive does (regf)"),
        (r"HKLM=x", b"regf", "several hives"),
        (r"HKU\=x", b"regf", "needs a user"),
        (r"HKLM\A\\B=x", b"regf", "two backslashes"),
        (r"HKLM\SOFTWARE=x.reg", b"REGEDIT4\n", "an export has its places in it"),
        (r"HKLM\SOFTWARE=x.yaml", b"device: {}\n", "a state file has its places in it"),
        (r"HKLM\SOFTWARE=", None, "it is a folder"),
        ("policy.yaml", b"collection: {name: X}\n", "kind 'collection'"),
        ("broken.yaml", b"device: {\n", "PC0101"),
    ],
)
def test_what_cant_be_read(tmp_path, text, content, message):
    if content is not None:
        (tmp_path / text.rpartition("=")[2]).write_bytes(content)
    device, found = load(tmp_path, text)
    assert device == Device()
    assert [one.code for one in found] == [message if message.startswith("PC") else "PC0901"]
    assert message.startswith("PC") or message in found[0].message
    assert all(one.help for one in found)


@pytest.mark.parametrize("text", ["registry: {}\n", "registry_32: {}\n", "users: {}\n", "- a\n", "settings: {}\n"])
def test_a_state_without_its_head(tmp_path, text):
    _, (found,) = state(tmp_path, text)
    assert (found.code, found.help) == ("PC0214", "begin it with 'device: {}'")


def test_a_hive_that_nothing_reads(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "regipy.registry", None)
    (tmp_path / "SOFTWARE").write_bytes(b"regf")
    _, (found,) = load(tmp_path, "SOFTWARE")
    assert (found.code, found.help) == ("PC0901", 'pip install "policyc[hives]"')
    assert "which isn't installed" in found.message


def test_bytes_are_hex_digits_in_quotes(tmp_path):
    _, (found,) = state(tmp_path, "device: {}\nregistry: {'HKLM\\SOFTWARE\\X': {V: {binary: [0xde, 0xad]}}}\n")
    assert found.help.startswith("write hex digits in quotes")


KEYS = st.sampled_from(
    ["HKLM\\SOFTWARE\\X", "hklm\\software\\x", "HKCU\\Software\\X", "HKLM\\SYSTEM\\X", "X", "HKLM\\", "HKLM:\\A\\\\B", ""]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 2**65) | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2),
    lambda inner: st.dictionaries(
        st.sampled_from(["dword", "string", "binary", "multi_string", "unreadable", "none", "qword", "x"]), inner, max_size=2
    ),
    max_leaves=4,
)
REGISTRIES = st.dictionaries(KEYS, st.dictionaries(st.text(max_size=4), VALUES, max_size=3) | VALUES, max_size=3)
STATES = st.fixed_dictionaries(
    {"device": st.dictionaries(st.sampled_from(["build", "role", "name"]), VALUES, max_size=2)},
    optional={
        "registry": REGISTRIES,
        "registry_32": REGISTRIES,
        "users": st.dictionaries(st.text(max_size=5), REGISTRIES, max_size=2),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=STATES)
def test_any_state_gives_a_device_or_findings(tmp_path, tree):
    import json

    device, found = state(tmp_path, json.dumps(tree))
    assert found or isinstance(device, Device)
    assert all(one.help and one.location.file == "device.yaml" for one in found if one.is_error)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["a.yaml", "a.reg", "SOFTWARE", "a.hiv"]),
    start=st.sampled_from([b"", b"regf", b"PReg", b"REGEDIT4\n", b"device: {}\n"]),
    rest=st.binary(max_size=200),
)
def test_any_bytes_give_a_device_or_findings(tmp_path, name, start, rest):
    (tmp_path / name).write_bytes(start + rest)
    _, found = load(tmp_path, name)
    assert all(one.message and one.help for one in found if one.is_error)


def test_the_schemas_of_states_and_tests_say_the_same_of_a_registry():
    state_schema, tests_schema = schema("state"), schema("tests")
    for name, part in state_schema["$defs"].items():
        assert tests_schema["$defs"][name] == part
    test = tests_schema["properties"]["tests"]["additionalProperties"]["properties"]
    for word in ("device", "registry", "registry_32", "users"):
        mine = {key: value for key, value in test[word].items() if key != "description"}
        assert mine == {key: value for key, value in state_schema["properties"][word].items() if key != "description"}
