"""Security templates: what they say of the registry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.importers import Imported
from policyc.importers.inf import read
from policyc.importers.policy_file import write_policy
from policyc.registry_files import FormatError

HEAD = '[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature="$CHICAGO$"\r\nRevision=1\r\n'
WINLOGON = r"MACHINE\Software\Microsoft\Windows NT\CurrentVersion\Winlogon"
PLACE = r"MACHINE\Software\Example"


def of(*lines: str, section: str = "Registry Values", encoding: str = "utf-16") -> Imported:
    body = "\r\n".join([f"[{section}]", *lines])
    return read(f"{HEAD}{body}\r\n".encode(encoding), "GptTmpl.inf")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("4,900", {"type": "dword", "equals": 900}),
        (" 4 , 0", {"type": "dword", "equals": 0}),
        ("4,4294967295", {"type": "dword", "equals": 4294967295}),
        ('1,"1"', {"type": "string", "equals": "1"}),
        ("1,plain", {"type": "string", "equals": "plain"}),
        ('1,"O:BAG:BAD:(A;;RC;;;BA)"', {"type": "string", "equals": "O:BAG:BAD:(A;;RC;;;BA)"}),
        ('1,"a=b, ""c"""', {"type": "string", "equals": 'a=b, "c"'}),
        ('1,""', {"type": "string", "equals": ""}),
        ('2,"%windir%"', {"type": "expand_string", "equals": "%windir%"}),
        ("3,0", {"type": "binary", "equals": "00"}),
        ("3,1,0", {"type": "binary", "equals": "0100"}),
        ("7,a,b", {"type": "multi_string", "equals": ["a", "b"]}),
        ('7,"a","b"', {"type": "multi_string", "equals": ["a", "b"]}),
        ('7,one","two,three', {"type": "multi_string", "equals": ["one,two", "three"]}),
        ('7,"one,two",three', {"type": "multi_string", "equals": ["one,two", "three"]}),
        ("7,", {"type": "multi_string", "equals": []}),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig", "utf-16-le"])
def test_every_kind(encoding: str, said: str, words: dict[str, object]) -> None:
    imported = of(rf"{PLACE}\A={said}", encoding=encoding)
    assert imported.refused == ()
    (found,) = imported.settings
    assert dict(found.words) == {"key": r"HKLM\Software\Example", "name": "A", **words}
    assert found.source == "line 7"
    assert (imported.title, write_policy(imported, name="x").settings) == ("Security settings of Group Policy", 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (rf"{PLACE}\A=4,x", "a whole number"),
        (rf"{PLACE}\A=4,-1", "a whole number"),
        (rf"{PLACE}\A=4,4294967296", "a whole number"),
        (rf"{PLACE}\A=3,10", "one digit"),
        (rf"{PLACE}\A=11,1", "no value of the type 11"),
        (rf'{PLACE}\A=7,a"b', "never closed"),
        (rf"{PLACE}\A", "KEY\\Name=type,data"),
        (rf"{PLACE}\A=4", "KEY\\Name=type,data"),
        (r"SOFTWARE\Example\A=4,1", "begins with MACHINE"),
        (r"CLASSES_ROOT\.x\A=4,1", "--classes machine"),
        (r"MACHINE\A=4,1", "whole hive"),
        (
            r"MACHINE\Software\Microsoft\Windows NT\CurrentVersion\Winlogon\ScRemoveOption=4,1",
            "Windows keeps this value as string",
        ),
    ],
)
def test_what_can_not_be_told_is_listed(line: str, reason: str) -> None:
    imported = of(line)
    assert imported.settings == ()
    assert [(one.source, reason in one.reason) for one in imported.refused] == [("line 7", True)]


def test_wow6432node_is_a_view_and_classes_are_a_choice() -> None:
    data = f"{HEAD}[Registry Values]\n" + r"MACHINE\Software\Wow6432Node\Example\A=4,1" + "\n" + r"CLASSES_ROOT\.x\A=4,1"
    imported = read(data.encode(), "x.inf", classes="user")
    assert [(one.words["key"], one.words.get("view")) for one in imported.settings] == [
        (r"HKLM\Software\Example", 32),
        (r"HKCU\Software\Classes\.x", None),
    ]


@pytest.mark.parametrize(
    ("section", "line", "about"),
    [
        ("kerberos policy", "MaxServiceAge = 600", "domain controllers"),
        ("Event Audit", "AuditLogonEvents = 3", "nine categories"),
        ("Group Membership", "*S-1-5-32-544__Members = *S-1-5-32-545", "local groups"),
        ("Registry Keys", r'"MACHINE\Software\Example",0,"D:AR"', "permissions of registry keys"),
        ("File Security", r'"%SystemRoot%\Example",0,"D:AR"', "permissions of files"),
        ("Own", "x = 1", "the section [Own]"),
    ],
)
def test_other_sections_are_listed_line_by_line(section: str, line: str, about: str) -> None:
    imported = of(line, section=section)
    assert (imported.settings, imported.entries) == ((), 1)
    (refused,) = imported.refused
    assert refused.what.startswith(f"[{section}] ")
    assert about in refused.reason


def test_a_value_that_is_said_twice_in_two_ways_is_contradicted_as_nothing_says_which_holds() -> None:
    written = write_policy(of(rf"{PLACE}\A=4,1", rf"{PLACE}\a=4,2", rf"{PLACE}\B=4,1"), name="x")
    assert (written.settings, written.contradicted, written.overwritten) == (1, 2, ())


def test_remarks_and_a_template_of_nothing() -> None:
    assert of("; nothing", "").entries == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "none of the sections"),
        (b"[General]\na=1", "none of the sections"),
        (b"Windows Registry Editor Version 5.00\n", "line 1 stands in no section"),
        (b"[Version]\n" + b"a" * 80 + b"\0", "NUL"),
        (b"\xff\xfea", "no text in utf-16-le"),
    ],
)
def test_what_is_no_security_template(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        read(data, "x.inf")


@given(st.binary(max_size=80) | st.text(max_size=60).map(lambda text: f"{HEAD}[Registry Values]\n{PLACE}\\A={text}".encode()))
def test_any_bytes_are_entries_or_a_format_error(data: bytes) -> None:
    try:
        imported = read(data, "x.inf")
    except FormatError:
        return
    assert imported.entries == len(imported.settings) + len(imported.refused)
