"""Settings of the registry in an object: which file says them, in which words, and which are refused."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from unit.targets.group_policy.reading import Record, pol_records
from unit.targets.group_policy.samples import backup, checked, compiled, one

MACHINE = "DomainSysvol/GPO/Machine/registry.pol"
USER = "DomainSysvol/GPO/User/registry.pol"
PREFERENCES = "DomainSysvol/GPO/Machine/Preferences/Registry/Registry.xml"
POLICIES = r"key: HKLM\SOFTWARE\Policies\Contoso"
OUTSIDE = r"key: HKLM\SOFTWARE\Contoso"
SPACE = b" \0\0\0"


def text(value: str) -> bytes:
    return f"{value}\0".encode("utf-16-le")


@pytest.mark.parametrize(
    ("words", "records"),
    [
        ("name: N, type: dword, equals: 5", [("N", 4, b"\5\0\0\0")]),
        ("name: N, type: dword, at_least: 5", [("N", 4, b"\5\0\0\0")]),
        ("name: N, type: qword, at_most: 5", [("N", 11, b"\5\0\0\0\0\0\0\0")]),
        ("name: N, type: string, equals: 'a;]b'", [("N", 1, text("a;]b"))]),
        ("name: N, type: expand_string, equals: '%windir%'", [("N", 2, text("%windir%"))]),
        ("name: N, type: multi_string, equals: [a, b]", [("N", 7, text("a") + text("b") + b"\0\0")]),
        ("name: N, type: multi_string, equals: []", [("N", 7, b"\0\0")]),
        ("name: N, type: binary, equals: '5B00'", [("N", 3, b"[\0")]),
        ("name: N, type: dword, one_of: [1, 2], set: 2", [("N", 4, b"\2\0\0\0")]),
        ("name: N, type: string, present: true, set: a", [("**soft.N", 1, text("a"))]),
        ("name: N, absent: true", [("**del.N", 1, SPACE)]),
        ("present: true", [("", 0, b"")]),
        ("type: string, only_values: [a]", [("**delvals.", 1, SPACE), ("1", 1, text("a"))]),
    ],
)
def test_what_a_remediation_would_write_stands_in_registry_pol(
    tmp_path: Path, words: str, records: list[tuple[str, int, bytes]]
) -> None:
    files = backup(tmp_path, one(f"{POLICIES}, {words}")).files
    assert list(files) == [MACHINE]
    assert pol_records(files[MACHINE]) == [Record(r"SOFTWARE\Policies\Contoso", *record) for record in records]


def test_a_key_goes_by_its_name_in_the_key_above_before_anything_is_written(tmp_path: Path) -> None:
    settings = (
        f"settings:\n  a: {{title: x, registry: {{{POLICIES}, name: N, type: dword, equals: 1}}}}\n"
        f"  b: {{title: x, registry: {{{POLICIES}\\Old, absent: true, recurse: true}}}}\n"
    )
    records = pol_records(backup(tmp_path, settings).files[MACHINE])
    assert [(one.key, one.name, one.data) for one in records] == [
        (r"SOFTWARE\Policies\Contoso", "**DeleteKeys", text("Old")),
        (r"SOFTWARE\Policies\Contoso", "N", b"\1\0\0\0"),
    ]


@pytest.mark.parametrize(
    ("words", "file", "key"),
    [
        (r"key: HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System", MACHINE, r"SOFTWARE\Microsoft\Windows"),
        (r"key: HKCU\Software\Policies\Contoso", USER, r"Software\Policies\Contoso"),
        (r"key: HKCU\Software\Contoso", USER.replace("registry.pol", "Preferences/Registry/Registry.xml"), r"Software\Contoso"),
        (r"key: HKLM\SOFTWARE\Contoso, view: 32", PREFERENCES, r"SOFTWARE\WOW6432Node\Contoso"),
        (r"key: HKLM\SOFTWARE\Classes\CLSID\X, view: 32", PREFERENCES, r"SOFTWARE\Classes\WOW6432Node\CLSID\X"),
        (r"key: HKU\.DEFAULT\Software\Policies\Contoso", PREFERENCES, r".DEFAULT\Software\Policies\Contoso"),
        (r"key: HKLM\SOFTWARE\PoliciesOfContoso", PREFERENCES, r"SOFTWARE\PoliciesOfContoso"),
    ],
)
def test_the_place_decides_on_side_and_file(tmp_path: Path, words: str, file: str, key: str) -> None:
    files = backup(tmp_path, one(f"{words}, name: N, type: string, equals: a")).files
    assert list(files) == [file]
    assert key.encode("utf-16-le" if file.endswith(".pol") else "utf-8") in files[file]


@pytest.mark.parametrize(
    "words",
    [
        "name: N, type: qword, equals: 1",
        "name: N, type: multi_string, equals: []",
        "name: N, type: multi_string, equals: [' a']",
        "name: N, type: binary, equals: ''",
        r'name: N, type: string, equals: "a\x07"',
        "name: N, type: string, equals: '%<windir>%'",
        "present: true",
        "absent: true, recurse: true",
        "only_values: []",
    ],
)
def test_what_a_preference_cannot_say_stands_in_registry_pol_outside_of_policies_too(tmp_path: Path, words: str) -> None:
    folder = compiled(tmp_path, one(f"{OUTSIDE}, {words}"))
    assert [file.name for file in folder.rglob("*") if file.suffix in (".pol", ".xml") and "GPO" in str(file)] == [
        "registry.pol"
    ]
    assert re.search(r"These stay on devices.*\n\n- `one`: `HKLM\\SOFTWARE\\Contoso", (folder / "README.md").read_text("utf-8"))


def test_what_registry_pol_cannot_say_is_a_preference_in_policies_keys_too(tmp_path: Path) -> None:
    assert list(backup(tmp_path, one(f"{POLICIES}, name: '', type: string, equals: a")).files) == [PREFERENCES]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (f"{OUTSIDE}, name: N, type: multi_string, contains: [a]", "Group Policy replaces a list"),
        (
            f"{OUTSIDE}, name: '', type: qword, equals: 1",
            "no form of a key's default value is documented for registry.pol, and how",
        ),
        (
            f"{OUTSIDE}, name: '**x', type: qword, equals: 1",
            "a name that begins with '**' is a directive in registry.pol, and how",
        ),
        (r"key: HKLM\SOFTWARE\Ü, name: N, type: qword, equals: 1", "a key in registry.pol has ASCII characters alone"),
        (r"key: HKU\.DEFAULT\Software\X, name: N, type: qword, equals: 1", "registry.pol holds values of HKLM and HKCU alone"),
        (r"key: 'HKLM\SOFTWARE\X\a;b', absent: true, recurse: true", "registry.pol divides the names of keys that go"),
        (f"{OUTSIDE}, name: {'n' * 254}, type: binary, present: true, set: ''", "a name in registry.pol has at most 252"),
    ],
)
def test_what_neither_can_say_is_refused_with_both_reasons(tmp_path: Path, words: str, reason: str) -> None:
    found = [one for one in checked(tmp_path, one(words)).diagnostics if one.code == "PC2001"]
    assert len(found) == 1
    assert reason in found[0].message
    assert found[0].location.path == ("settings", "one", "registry")


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (", remediate: false", "Group Policy only writes and reports nothing"),
        (", sensitive: true", "everybody in the domain reads"),
        (", applies_to: {role: server}", "applied as a whole"),
        (r", only_if: {key: HKLM\SOFTWARE\X}", "applied as a whole"),
    ],
)
def test_what_an_object_cannot_say_of_a_setting_is_refused(tmp_path: Path, head: str, reason: str) -> None:
    words = f"{OUTSIDE}, name: N, type: dword, equals: 1"
    errors = [found.message for found in checked(tmp_path, one(words, head=head)).diagnostics if found.code == "PC2001"]
    assert len(errors) == 1
    assert reason in errors[0]
    other = checked(tmp_path, one(words, head=head), targets="[group_policy, configmgr]").diagnostics
    assert [found.code for found in other if found.code.startswith("PC20")] == ["PC2002"]


def test_a_collection_in_audit_mode_has_no_object(tmp_path: Path) -> None:
    words = one(f"{OUTSIDE}, name: N, type: dword, equals: 1")
    found = checked(tmp_path, words, head="collection: {name: Kiosks, mode: audit}").diagnostics
    assert [(one.code, one.location.path) for one in found] == [("PC2001", ("collection", "mode"))]
    head = "collection: {name: Kiosks, mode: audit, limited_to: All Systems}"
    assert not compiled(tmp_path, words, head=head, targets="[group_policy, configmgr]").exists()


def test_a_kind_that_no_object_has_a_place_for_is_refused(tmp_path: Path) -> None:
    found = checked(tmp_path, one("name: SMB1Protocol, state: disabled", kind="optional_feature")).diagnostics
    assert [(one.code, one.location.path) for one in found] == [("PC2001", ("settings", "one", "optional_feature"))]


@pytest.mark.parametrize(
    ("words", "notes"),
    [
        ("type: dword, equals: 5", 0),
        ("absent: true", 0),
        ("type: dword, at_least: 5", 1),
        ("type: dword, not_equals: 5, set: 6", 1),
        ("type: string, matches: 'a.*', set: ab", 1),
        ("type: string, present: true, set: a", 0),
    ],
)
def test_a_condition_that_more_would_satisfy_is_told(tmp_path: Path, words: str, notes: int) -> None:
    found = [one for one in checked(tmp_path, one(f"{POLICIES}, name: N, {words}")).diagnostics if one.code == "PC2201"]
    assert len(found) == notes
    page = (compiled(tmp_path, one(f"{POLICIES}, name: N, {words}")) / "README.md").read_text("utf-8")
    assert ("whatever is there |" in page) == bool(notes)
    assert all(one.location.path[:3] == ("settings", "one", "registry") for one in found)


def test_who_reports_back_is_told_of_what_only_the_product_writes(tmp_path: Path) -> None:
    found = checked(tmp_path, "defender_atp: {state: onboarded}\n").diagnostics
    assert "PC2202" in {one.code for one in found}


def test_a_preference_keeps_what_looks_like_a_variable(tmp_path: Path) -> None:
    files = backup(
        tmp_path, one(rf"{OUTSIDE}, name: '%N%', type: expand_string, equals: '%windir%\x %ProgramFiles(x86)% 5 % 3'")
    ).files
    assert list(files) == [PREFERENCES]
    (properties,) = ET.fromstring(files[PREFERENCES]).iter("Properties")
    assert properties.get("value") == r"%<windir>%\x %<ProgramFiles(x86)>% 5 % 3"
    assert properties.get("name") == "%<N>%"
