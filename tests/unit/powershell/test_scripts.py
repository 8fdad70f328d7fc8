"""The scripts as text: what is in them, and what is not. What they do is shown in tests/endpoint."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace

import pytest

from policyc.model import (
    Append,
    Condition,
    CreateKey,
    DeleteValue,
    Hive,
    Kind,
    Location,
    Operator,
    Place,
    SetValue,
    View,
)
from policyc.powershell.scripts import Script, entry, script_text
from policyc.targets.configmgr.groups import SCRIPT_BUDGET
from registry_settings import altered, registry_setting

HOSTILE = "'; Remove-Item C:\\ -Recurse; $(calc) `n # ‘quotes’ \u0000\r\n\U0001f600 }}{% raw %} @@data@@"


def setting(**changes):
    values = {
        "id": "one",
        "title": "One",
        "place": Place(Hive.MACHINE, View.BITS_64, r"SOFTWARE\Example", "Value"),
        "condition": Condition(Operator.EQUALS, (1,)),
        "origin": Location("pilot.yaml"),
        "kind": Kind.DWORD,
        "write": SetValue(1),
    }
    return registry_setting(**{**values, **changes})


def text(script, *settings):
    rows = [entry(one) for one in settings]
    return script_text(script, slug="pilot", source="pilot.yaml", entries=rows).decode("ascii")


def row(one, script=Script.REMEDIATE):
    return entry(one).text(script)


def test_a_row_says_where_and_what():
    assert row(setting(default=3, pin=True, sensitive=False), Script.DETECT) == (
        "    @{\n"
        "        Id = 'one'; Title = 'One'\n"
        "        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\\Example'; Name = 'Value'\n"
        "        Kind = 'DWord'; Condition = 'equals'; Operand = 1; Default = 3; Pin = $true\n"
        "        Must = 'be 1 [dword], written out although absent counts as 3'\n"
        "    }\n"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"write": SetValue(7)}, "Write = 'Set'; Data = 7"),
        ({"write": DeleteValue(), "condition": Condition(Operator.ABSENT), "kind": None}, "Write = 'Delete'"),
        (
            {
                "write": Append(("a",)),
                "condition": Condition(Operator.CONTAINS, ("a",)),
                "kind": Kind.MULTI_STRING,
            },
            "Write = 'Append'; Data = ([string[]]@('a'))",
        ),
        (
            {
                "write": CreateKey(),
                "condition": Condition(Operator.PRESENT),
                "kind": None,
                "place": Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example", None),
            },
            "Write = 'CreateKey'",
        ),
    ],
)
def test_what_is_written(changes, expected):
    one = setting(**changes)
    assert expected in row(one)
    assert "Write" not in row(one, Script.DETECT)


@pytest.mark.parametrize(
    ("kind", "operator", "operands", "expected"),
    [
        (Kind.BINARY, Operator.ONE_OF, (b"\x01",), "Operand = @(, ([Convert]::FromBase64String('AQ==')))"),
        (Kind.MULTI_STRING, Operator.NONE_OF, ((), ("a",)), "Operand = @(([string[]]@()), ([string[]]@('a')))"),
        (Kind.DWORD, Operator.BETWEEN, (1, 2), "Operand = @(1, 2)"),
        (Kind.MULTI_STRING, Operator.SET_EQUALS, ("b", "a"), "Operand = ([string[]]@('b', 'a'))"),
        (Kind.STRING, Operator.MATCHES, ("a|b",), r"Operand = '\A(?:A|B)\z'"),
    ],
)
def test_operands_keep_their_shape(kind, operator, operands, expected):
    assert expected in row(setting(kind=kind, condition=Condition(operator, operands), write=None))


def test_a_script_holds_only_the_code_that_it_needs():
    plain = text(Script.DETECT, setting())
    assert "'matches'" not in plain
    assert "Get-UserSid" not in plain
    assert "Test-SameText" not in plain
    matching = setting(kind=Kind.STRING, condition=Condition(Operator.MATCHES, ("a",)), write=None)
    assert "'matches'" in text(Script.DETECT, matching)
    user = setting(place=Place(Hive.USER, View.BITS_64, r"Software\Example", "Value"))
    assert "Get-UserSid" in text(Script.DETECT, user)


@pytest.mark.parametrize("script", [script for script in Script if script is not Script.ROLLBACK])
def test_hostile_text_stays_in_literals(script):
    one = setting(
        title=HOSTILE,
        kind=Kind.STRING,
        condition=Condition(Operator.EQUALS, (HOSTILE,)),
        write=SetValue(HOSTILE),
        place=Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\" + HOSTILE.replace("\\", ""), HOSTILE),
    )
    found = text(script, one)
    assert found.isascii()
    assert "\r" not in found
    assert "\x00" not in found
    # Every occurrence of the hostile words follows a quote that was doubled: it never ends the literal that it's in.
    for line in found.splitlines():
        if "Remove-Item" in line:
            assert "''; Remove-Item" in line


def test_retiring_is_told_only_the_places_to_keep():
    named = setting(sensitive=True, default=3, clear_on_undo=True)
    default = setting(place=Place(Hive.USER, View.BITS_32, "Software\\It's", ""))
    key = setting(place=Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example", None), write=CreateKey(), kind=None)
    assert "".join(row(one, Script.RETIRE) for one in (named, default, key)) == (
        "    @{ Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\\Example'; Name = 'Value' }\n"
        "    @{ Hive = 'HKCU'; View = 32; Key = 'Software\\It''s'; Name = '' }\n"
        "    @{ Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\\Example' }\n"
    )


def test_retiring_everything_keeps_nothing():
    assert "\n$Kept = @(\n)\n" in text(Script.RETIRE)


def test_retiring_is_the_same_code_whatever_is_kept():
    matching = setting(kind=Kind.STRING, condition=Condition(Operator.MATCHES, ("a",)), write=SetValue("a"))
    kept = text(Script.RETIRE, setting(), matching)
    lines = kept.splitlines()
    nothing = text(Script.RETIRE).splitlines()
    assert [line for line in lines if line not in nothing] == [row(setting(), Script.RETIRE).rstrip()] * 2
    assert len(lines) == len(nothing) + 2


def test_rollback_knows_nothing_of_what_is_kept():
    rollback = text(Script.ROLLBACK)
    assert "$Kept" not in rollback
    assert "retire" not in rollback.lower()


def test_scripts_that_write_to_the_journal_know_their_owner_and_whom_they_adopt():
    for script in Script:
        found = script_text(script, slug="pilot", source="a.yaml", adopts=["o'ld", "pilot"]).decode("ascii")
        owner = "$Collection = 'pilot'\n$Adopts = ([string[]]@('o''ld', 'pilot'))\n" in found
        assert owner is (script not in (Script.DETECT, Script.DISCOVERY, Script.DETECTION)), script
    assert "\n$Adopts = ([string[]]@())\n" in script_text(Script.ROLLBACK, slug="pilot", source="a.yaml").decode("ascii")


def test_a_file_name_cannot_leave_its_comment():
    found = script_text(Script.ROLLBACK, slug="pilot", source="a\nRemove-Item C:\\\n#ü.yaml").decode("ascii")
    assert found.splitlines()[0] == "# Made by policyc from a?Remove-Item C:\\?#?.yaml: change it there, not here."


def test_sensitive_data_is_in_no_sentence():
    one = setting(kind=Kind.STRING, condition=Condition(Operator.EQUALS, ("secret",)), write=SetValue("secret"), sensitive=True)
    assert [line.strip() for line in row(one).splitlines() if "secret" in line] == [
        "Kind = 'String'; Condition = 'equals'; Operand = 'secret'",
        "Write = 'Set'; Data = 'secret'",
    ]


OPENS_FOR_ANY_CHANGE = re.compile(r"(\S+)\.OpenSubKey\(([^()]*(?:\([^()]*\))?[^()]*), \$true\)")
MAKES = re.compile(r"(\S+)\.CreateSubKey\(([^)]*)\)")


@pytest.mark.parametrize("script", Script)
def test_only_the_journals_own_keys_are_opened_for_any_change(script):
    """A setting's key may be closed to all but the act: one place opens it, with the one right that it is told."""
    absent = setting(id="gone", condition=Condition(Operator.ABSENT), kind=None, write=DeleteValue())
    made = setting(id="key", kind=None, condition=Condition(Operator.PRESENT), write=CreateKey())
    whole = text(script, setting(), absent, altered(made, place=replace(made.subject.place, name=None)))
    opened = {receiver.lower() for receiver, _ in OPENS_FOR_ANY_CHANGE.findall(whole)}
    paths = {path for receiver, path in OPENS_FOR_ANY_CHANGE.findall(whole) if receiver.lower() == "$root"}
    assert opened <= {"$root", "$journal"}
    assert paths <= {"$JournalPath"}
    for receiver, arguments in MAKES.findall(whole):
        ours = receiver.lower() == "$journal" or arguments.startswith("$JournalPath")
        assert ours or arguments.endswith("[Microsoft.Win32.RegistryKeyPermissionCheck]::ReadSubTree"), arguments
    changes = script not in (Script.DETECT, Script.DISCOVERY, Script.DETECTION)
    assert whole.count("::ReadWriteSubTree") == changes
    # Windows brings a hive to the disk only through a key that may be read.
    assert set(re.findall(r"Open-KeyFor -Right '([^']+)'", whole)) <= {"QueryValues, SetValue", "CreateSubKey"}
    assert bool(opened) is changes


@pytest.mark.parametrize("size", [1024, 2048, 4096])
@pytest.mark.parametrize("operator", [Operator.EQUALS, Operator.PRESENT])
def test_a_certificate_stands_once_and_fits(size, operator):
    data = bytes(number * 7919 % 251 for number in range(size))
    operands = (data,) if operator is Operator.EQUALS else ()
    one = setting(kind=Kind.BINARY, condition=Condition(operator, operands), write=SetValue(data))
    for script in (Script.REMEDIATE, Script.REMEDIATION):
        assert text(script, one).count(b64encode(data).decode("ascii")) == 1
    for script in (Script.DISCOVERY, Script.REMEDIATION):
        assert len(text(script, one)) < SCRIPT_BUDGET


def test_data_that_is_not_what_is_asked_for_is_written_out():
    other = setting(kind=Kind.BINARY, condition=Condition(Operator.NOT_EQUALS, (b"\1",)), write=SetValue(b"\2"))
    assert "Write = 'Set'; Data = ([Convert]::FromBase64String('Ag=='))\n" in row(other)
    same = setting(kind=Kind.BINARY, condition=Condition(Operator.EQUALS, (b"\1",)), write=SetValue(b"\1"))
    assert "        Write = 'Set'\n" in row(same)
    assert "Operand = ([Convert]::FromBase64String('AQ=='))" in row(same)
