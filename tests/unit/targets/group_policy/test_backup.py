"""The backup as a whole: what it lists, whom it names, and how it compares with real ones."""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from unit.targets.group_policy.reading import (
    MANIFEST,
    group_list,
    instance,
    lgpo_entries,
    lgpo_strings,
    pol_records,
    read_backup,
)
from unit.targets.group_policy.samples import backup, compiled, one

CORPORA = os.environ.get("POLICYC_CORPORA", "")
REGISTRY, SECURITY, AUDIT, UNKNOWN = (
    "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}",
    "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}",
    "{F3CCC681-B74C-4060-9F26-CD84525DCA2A}",
    "{F15C46CD-82A0-4C2D-A210-5D0D3182A418}",
)
ALL = r"""settings:
  pol: {title: a, registry: {key: HKLM\SOFTWARE\Policies\C, name: N, type: dword, equals: 1}}
  preference: {title: b, registry: {key: HKLM\SOFTWARE\C, name: N, type: string, equals: 'a\0\b'}}
  users: {title: c, registry: {key: HKCU\Software\Policies\C, name: N, type: multi_string, equals: ['C:\0', ü]}}
  user-preference: {title: d, registry: {key: HKCU\Software\C, name: N, type: binary, equals: '00FF'}}
  account: {title: e, account_policy: {policy: lockout-threshold, equals: 5}}
  audit: {title: f, audit_policy: {subcategory: Logon, equals: [success]}}
"""


def test_every_file_is_listed_where_it_lies(tmp_path: Path) -> None:
    found = backup(tmp_path, ALL)
    assert len(found.files) == 6
    assert {location.replace("\\", "/") for location in found.located} == set(found.files)
    folders = [location for _, _, location in found.extensions[UNKNOWN] if not re.search(r"\.\w+$", location)]
    assert len(folders) == len(set(folders))
    for file in found.files:
        steps = file.split("/")[3:-1]
        for depth in range(1, len(steps) + 1):
            assert "\\".join(file.split("/")[: 3 + depth]) in folders


def test_the_object_names_the_extension_of_each_file_and_no_other(tmp_path: Path) -> None:
    core = backup(tmp_path, ALL).core
    machine, users = group_list(core["MachineExtensionGuids"]), group_list(core["UserExtensionGuids"])
    preferences = "{B087BE9D-ED37-454F-AF9C-04291E351182}"
    first = ["{00000000-0000-0000-0000-000000000000}", "{BEE07A6A-EC9F-4659-B8C9-0B1937907C83}"]
    assert machine[0] == users[0] == first
    assert [group[0] for group in machine[1:]] == [REGISTRY, SECURITY, preferences, AUDIT]
    assert [group[0] for group in users[1:]] == [REGISTRY, preferences]
    assert all(len(group) == 2 for group in machine[1:] + users[1:])


@pytest.mark.parametrize(
    ("hive", "options", "versions"),
    [("HKLM", "1", ("0", "65537")), ("HKCU", "2", ("65537", "0"))],
)
def test_a_side_without_settings_is_off(tmp_path: Path, hive: str, options: str, versions: tuple[str, str]) -> None:
    core = backup(tmp_path, one(rf"key: {hive}\Software\Policies\C, name: N, type: dword, equals: 1")).core
    assert (core["Options"], (core["UserVersionNumber"], core["MachineVersionNumber"])) == (options, versions)
    assert [core["UserExtensionGuids"] == "", core["MachineExtensionGuids"] == ""] == [one == "0" for one in versions]


def test_names_of_any_kind_come_through_and_ids_stay(tmp_path: Path) -> None:
    name = """A & B's "<kiosks>" ]]> %PATH% $(x)"""
    words = one(r"key: HKLM\SOFTWARE\Policies\C, name: N, type: dword, equals: 1")
    root = compiled(tmp_path, words)
    (before,) = (root / "backup").glob("{*}")
    head = f"collection: {{name: '{name.replace(chr(39), chr(39) * 2)}', formerly: [Kiosks]}}"
    compiled(tmp_path, words, head=head)
    (page,) = tmp_path.glob("output/*/group_policy/README.md")
    (folder,) = (page.parent / "backup").glob("{*}")
    found = read_backup(folder)
    assert folder.name == before.name == found.instance["ID"]
    assert found.core["DisplayName"] == found.instance["GPODisplayName"] == name
    assert f"-TargetName '{name.replace(chr(39), chr(39) * 2)}' -CreateIfNeeded" in page.read_text("utf-8")
    manifest = ET.fromstring((folder.parent / "manifest.xml").read_bytes())
    assert (manifest.tag, manifest.get(f"{MANIFEST}version")) == (f"{MANIFEST}Backups", "1.0")
    assert [instance(one) for one in manifest] == [found.instance]


def test_a_descriptor_names_no_domain_and_is_well_formed(tmp_path: Path) -> None:
    text = backup(tmp_path, one(r"key: HKLM\SOFTWARE\Policies\C, name: N, type: dword, equals: 1")).core["SecurityDescriptor"]
    data = bytes.fromhex(text)
    _, _, control, owner, group, sacl, dacl = struct.unpack_from("<BBHIIII", data)
    assert (control & 0x8004, owner, group, sacl, dacl) == (0x8004, 0, 0, 0, 20)
    _, _, size, count, _ = struct.unpack_from("<BBHHH", data, dacl)
    assert dacl + size == len(data)
    at = dacl + 8
    for _ in range(count):
        kind, _, length, _ = struct.unpack_from("<BBHI", data, at)
        sid = data[at + (28 if kind == 5 else 8) : at + length]
        assert len(sid) == 8 + 4 * sid[1]
        assert sid[1] == 1  # an account of a domain has more numbers
        at += length
    assert at == len(data)


def test_the_text_for_lgpo_says_what_the_object_says(tmp_path: Path) -> None:
    folder = compiled(tmp_path, ALL)
    entries = lgpo_entries((folder / "lgpo.txt").read_bytes())
    assert [(entry.whose, entry.key, entry.name, entry.action) for entry in entries] == [
        ("Computer", r"SOFTWARE\Policies\C", "N", "DWORD"),
        ("Computer", r"SOFTWARE\C", "N", "SZ"),
        ("User", r"Software\Policies\C", "N", "MULTISZ"),
        ("User", r"Software\C", "N", "BINARY"),
    ]
    assert entries[0].data == "1"
    assert lgpo_strings(entries[1].data) == [r"a\0\b"]
    assert lgpo_strings(entries[2].data) == ["C:\\0", "ü"]
    assert entries[3].data == "00,ff"


@pytest.mark.parametrize(
    ("words", "name", "action"),
    [
        ("name: N, absent: true", "N", "DELETE"),
        ("present: true", "*", "CREATEKEY"),
        ("only_values: []", "*", "DELETEALLVALUES"),
        ("absent: true, recurse: true", "C", "DELETEKEYS"),
        ("name: '', type: expand_string, equals: a", "(Default)", "EXSZ"),
        ("name: N, type: qword, equals: 18446744073709551615", "N", "QWORD"),
    ],
)
def test_lgpo_has_a_word_for_it(tmp_path: Path, words: str, name: str, action: str) -> None:
    (entry,) = lgpo_entries((compiled(tmp_path, one(rf"key: HKLM\SOFTWARE\X\C, {words}")) / "lgpo.txt").read_bytes())
    assert (entry.name, entry.action) == (name, action)


@pytest.mark.parametrize(
    "words",
    [
        r"key: HKLM\SOFTWARE\C, name: N, type: string, present: true, set: a",
        r"key: HKU\.DEFAULT\Software\C, name: N, type: string, equals: a",
        r'key: HKLM\SOFTWARE\C, name: N, type: string, equals: "a\nb"',
        r"key: HKLM\SOFTWARE\C, name: (Default), type: string, equals: a",
        r"key: HKLM\SOFTWARE\C, name: N, type: multi_string, equals: []",
    ],
)
def test_what_lgpo_cannot_say_is_said_in_a_comment_and_on_the_page(tmp_path: Path, words: str) -> None:
    folder = compiled(tmp_path, one(words))
    text = (folder / "lgpo.txt").read_bytes()
    assert lgpo_entries(text) == []
    assert b"; one isn't here: " in text
    assert "leaves out, and says so there:\n\n- `one`" in (folder / "README.md").read_text("utf-8")


@pytest.mark.skipif(not CORPORA, reason="POLICYC_CORPORA names no folder of real backups")
@pytest.mark.parametrize("name", ["windows", "firewall"])
def test_real_backups_are_made_alike(tmp_path: Path, name: str) -> None:
    """Part by part: what a real one has besides is about its domain, or a family that isn't written."""
    (folder,) = (Path(CORPORA) / "gpo-backups" / name).glob("{*}")
    real, made = read_backup(folder), backup(tmp_path, ALL)
    assert list(made.core) == list(real.core)
    assert list(made.instance) == list(real.instance)
    shape = re.compile(r"[0-9A-Fa-f]")
    for word in ("GPOGuid", "GPODomainGuid", "BackupTime", "ID"):
        assert shape.sub("0", made.instance[word]) == shape.sub("0", real.instance[word])
    for extension, listed in real.extensions.items():
        assert extension in made.extensions
        if extension != UNKNOWN:
            known = {(kind, path.lower(), location.lower()) for kind, path, location in listed}
            mine = {(kind, path.lower(), location.lower()) for kind, path, location in made.extensions[extension]}
            assert known <= mine
    tools = {group[0]: group[1:] for group in group_list(made.core["MachineExtensionGuids"])}
    theirs = {group[0]: group[1:] for group in group_list(real.core["MachineExtensionGuids"])}
    shared = [extension for extension in (SECURITY, AUDIT) if extension in theirs]
    assert [tools[extension] for extension in shared] == [theirs[extension] for extension in shared]
    records = pol_records(real.files["DomainSysvol/GPO/Machine/registry.pol"])
    deletions = [record for record in records if record.name.startswith("**del")]
    own = backup(tmp_path, one(r"key: HKLM\SOFTWARE\Policies\C, name: N, absent: true"))
    (deletion,) = pol_records(own.files["DomainSysvol/GPO/Machine/registry.pol"])
    assert {(record.type, record.data) for record in deletions} <= {(deletion.type, deletion.data)}
    assert all(len(record.data) == 4 for record in records if record.type == 4)
