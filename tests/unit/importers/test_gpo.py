"""Backups of Group Policy objects: what all their files say together, and what is listed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.importers import Imported, SetError
from policyc.importers.gpo import read, read_set, wanted
from policyc.importers.policy_file import write_policy
from policyc.registry_files import FormatError
from unit.importers.backup import (
    AUDIT_CSV,
    GPT_TMPL,
    MACHINE,
    PREFERENCES,
    USER,
    backup_xml,
    bkup_info,
    inf,
    item,
    pol,
    registry_xml,
)

VALUE = r"MACHINE\Software\Example\FromTemplate=4,1"


def of(files: dict[str, bytes], **options: object) -> Imported:
    read_ones = [(path, data) for path, data in files.items() if wanted(path)]
    others = [(path, "") for path in files if not wanted(path)]
    return read_set(read_ones, name="{A}", others=others, **options)  # type: ignore[arg-type]


def places(imported: Imported) -> list[tuple[str, str, str]]:
    return [(one.words["key"], one.words.get("name", ""), one.source) for one in imported.settings]


def reasons(imported: Imported) -> list[tuple[str, str, str]]:
    return [(one.source, one.what, one.reason) for one in imported.refused]


def test_all_files_that_say_values_become_settings_each_with_its_file() -> None:
    imported = of(
        {
            "Backup.xml": backup_xml("Kiosks"),
            "bkupInfo.xml": bkup_info("Kiosks"),
            f"{MACHINE}/Registry.pol": pol((r"Software\Policies\Example", "A", 1)),
            f"{USER}/registry.pol": pol((r"Software\Policies\Example", "B", 2)),
            GPT_TMPL: inf(Registry_Values=VALUE),
            PREFERENCES: registry_xml(item(name="C", value="x")),
        }
    )
    assert imported.title == "Kiosks"
    assert places(imported) == [
        (r"HKLM\Software\Policies\Example", "A", "Machine/Registry.pol: entry 1"),
        (r"HKCU\Software\Policies\Example", "B", "User/registry.pol: entry 1"),
        (r"HKLM\Software\Example", "FromTemplate", "Machine/microsoft/windows nt/SecEdit/GptTmpl.inf: line 7"),
        (r"HKLM\SOFTWARE\Example", "C", "Machine/Preferences/Registry/Registry.xml: item 1"),
    ]
    assert (imported.refused, imported.entries) == ((), 4)
    assert write_policy(imported, name="x").settings == 4


def test_what_two_files_say_alike_is_said_once_and_what_they_deny_is_left_out() -> None:
    key = r"Software\Policies\Example"
    imported = of(
        {
            f"{MACHINE}/registry.pol": pol((key, "A", 1), (key, "B", 1)),
            GPT_TMPL: inf(Registry_Values=f"MACHINE\\{key}\\A=4,1\nMACHINE\\{key}\\B=4,2"),
        }
    )
    written = write_policy(imported, name="x")
    assert (written.settings, written.same, written.contradicted) == (1, 1, 2)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"{MACHINE}/Scripts/scripts.ini", "startup, shutdown"),
        (f"{USER}/Scripts/Logon/map.cmd", "sign-in"),
        (f"{USER}/Documents & Settings/fdeploy1.ini", "folders"),
        (f"{MACHINE}/Applications/{{A}}.aas", "software"),
        (f"{USER}/Microsoft/IEAK/install.ins", "Internet Explorer"),
        ("DomainSysvol/GPO/Adm/system.adm", "administrative template"),
        (f"{MACHINE}/Contoso/own.dat", "isn't known here"),
        ("DomainSysvol/GPO/Other/registry.pol", "isn't known here"),
    ],
)
def test_every_other_file_is_listed_with_its_reason(path: str, reason: str) -> None:
    imported = of({"bkupInfo.xml": bkup_info("A"), path: b"content"})
    assert imported.settings == ()
    assert [(one.what, reason in one.reason) for one in imported.refused] == [(path.removeprefix("DomainSysvol/GPO/"), True)]


def test_files_about_the_object_itself_are_no_entries() -> None:
    files = {"gpt.ini": b"", "Machine/registry.pol": pol(), "gpreport.xml": b"<GPO><Name>N</Name></GPO>", "GPO.cmt": b"x"}
    imported = of(files)
    assert (imported.entries, imported.title) == (0, "N")


@pytest.mark.parametrize(
    ("files", "title"),
    [
        ({"bkupInfo.xml": bkup_info("One"), "Backup.xml": backup_xml("Two")}, "One"),
        ({"Backup.xml": backup_xml("Two"), "gpreport.xml": b"no xml at all"}, "Two"),
        ({"gpreport.xml": "<GPO><Name>Drei\n Worte</Name></GPO>".encode("utf-16")}, "Drei Worte"),
        ({"bkupInfo.xml": bkup_info("")}, "{A}"),
    ],
)
def test_the_name_is_that_of_the_object(files: dict[str, bytes], title: str) -> None:
    assert of(files).title == title


@pytest.mark.parametrize(("options", "off"), [(0, ""), (1, "user"), (2, "computer"), (3, "both")])
def test_a_side_that_is_switched_off_is_not_imported(options: int, off: str) -> None:
    files = {
        "Backup.xml": backup_xml("A", options=options),
        f"{MACHINE}/registry.pol": pol((r"Software\A", "A", 1)),
        f"{USER}/registry.pol": pol((r"Software\A", "B", 1)),
    }
    imported = of(files)
    assert [one.words["name"] for one in imported.settings] == {"": ["A", "B"], "user": ["A"], "computer": ["B"], "both": []}[
        off
    ]
    assert len(imported.refused) == 2 - len(imported.settings)
    assert all("switched off" in one.reason for one in imported.refused)


def test_a_wmi_filter_and_files_that_are_missing_are_listed() -> None:
    wmi = "<Name><![CDATA[Only laptops]]></Name><Query>select 1</Query>"
    files = (
        r"DomainSysvol\GPO\Machine\registry.pol",
        r"DomainSysvol\GPO\..\..\..\secret.pol",
        r"DomainSysvol\GPO\User\gone.pol",
    )
    imported = of({"Backup.xml": backup_xml("A", wmi=wmi, files=files), f"{MACHINE}/registry.pol": pol()})
    assert [(one.what, one.reason.split(",")[0]) for one in imported.refused] == [
        ("WMI filter 'Only laptops'", "a WMI filter decides on which devices the object applies"),
        ("../../../secret.pol", "'Backup.xml' lists this file"),
        ("User/gone.pol", "'Backup.xml' lists this file"),
    ]


def test_security_settings_among_the_users_files_are_nobodys() -> None:
    files = {f"{USER}/microsoft/windows nt/SecEdit/GptTmpl.inf": inf(Registry_Values=VALUE)}
    assert [one.reason.split(",")[0] for one in of(files).refused] == ["security settings are the machine's"]


def test_other_preferences_are_listed_item_by_item() -> None:
    drives = b'<Drives><Drive name="H:"/><Collection name="c"><Drive name="I:"/></Collection></Drives>'
    imported = of({f"{USER}/Preferences/Drives/Drives.xml": drives, f"{USER}/Preferences/Groups/Groups.xml": b"<a"})
    assert [(source, what) for source, what, _ in reasons(imported)] == [
        ("User/Preferences/Drives/Drives.xml: item 1", "Drives: H:"),
        ("User/Preferences/Drives/Drives.xml: item 2", "Drives: I:"),
        ("User/Preferences/Groups/Groups.xml", "the file"),
    ]


def test_comments_are_listed_with_their_text_for_a_person_to_take_over() -> None:
    comment = (
        '<policyComments xmlns="c"><policyNamespaces><using prefix="ns0" namespace="Example.Policies"/></policyNamespaces>'
        '<comments><admTemplate><comment policyRef="ns0:Lock" commentText="$(resource.ns0_Lock)"/></admTemplate></comments>'
        '<resources><stringTable><string id="ns0_Lock">Asked for by audit</string></stringTable></resources></policyComments>'
    )
    imported = of({f"{MACHINE}/comment.cmtx": b"\xef\xbb\xbf" + comment.encode()})
    assert [what for _, what, _ in reasons(imported)] == ["comment on Example.Policies.Lock: Asked for by audit"]


@pytest.mark.parametrize("path", ["Backup.xml", "bkupInfo.xml", f"{MACHINE}/registry.pol", GPT_TMPL, AUDIT_CSV, PREFERENCES])
def test_a_file_that_is_not_of_its_format_stops_the_import_and_is_named(path: str) -> None:
    files = [(f"{USER}/registry.pol", pol()), (path, b"\x00\x01")]
    with pytest.raises(SetError) as wrong:
        read_set(files, name="a")
    assert wrong.value.index == 1


BILLION = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><RegistrySettings>&d;</RegistrySettings>'
OUTSIDE = b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><RegistrySettings/>'
DEEP = b"<RegistrySettings>" + b"<Collection>" * 100_000
WIDE = b"<RegistrySettings>" + b"<a/>" * 500_001


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (BILLION, "document type"),
        (BILLION.decode().encode("utf-16"), "document type"),
        (OUTSIDE, "document type"),
        (b"<RegistrySettings>&d;</RegistrySettings>", "no well-formed XML"),
        (DEEP, "nested more than 500 deep"),
        (WIDE, "more than 500,000 elements"),
        (b"<RegistrySettings>" + b" " * 9_000_000, "at most 8388608 are read"),
        (b"\xff\xfe<\0", "no well-formed XML"),
        (b"\xff\xfe\0", "neither UTF-8 nor UTF-16"),
        (b"<RegistrySettings>\x80", "neither UTF-8 nor UTF-16"),
        (b"", "no well-formed XML"),
        (b"<Registry/>", "begin with 'RegistrySettings'"),
    ],
)
def test_hostile_xml_is_a_finding(data: bytes, reason: str) -> None:
    with pytest.raises(SetError, match=re.escape(reason)):
        read_set([(PREFERENCES, data)], name="a")


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: f"<RegistrySettings>{text}</RegistrySettings>".encode()))
def test_any_bytes_are_entries_or_a_finding(data: bytes) -> None:
    for path in (PREFERENCES, AUDIT_CSV, f"{MACHINE}/comment.cmtx", "Backup.xml", f"{MACHINE}/Preferences/Groups/Groups.xml"):
        try:
            imported = read_set([(path, data)], name="a")
        except SetError:
            continue
        assert imported.entries == len(imported.settings) + len(imported.refused) + imported.same


def test_a_file_alone_is_no_backup() -> None:
    with pytest.raises(FormatError, match="is a folder"):
        read(b"", "Backup.xml")
