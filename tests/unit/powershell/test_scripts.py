"""The scripts as text: what is in them, and what is not. What they do is shown in tests/endpoint."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from policyc.evaluation.bounds import MOST_OF_A_USER, MOST_OF_THE_MACHINE
from policyc.evaluation.patterns import LONGEST_MATCHED
from policyc.model import (
    Append,
    Collection,
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
from policyc.powershell.linker import library, reader
from policyc.powershell.scripts import (
    BUSY_CODE,
    CHANGES,
    READS,
    UNDOES,
    USAGE_CODE,
    Script,
    collection_script,
    entry,
    script_size,
    script_text,
)
from policyc.targets.configmgr.limits import SCRIPT_BUDGET
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


def row(one, **kinds):
    return entry(one).text(**kinds)


def test_a_row_says_where_and_what():
    assert row(setting(default=3, pin=True, sensitive=False), title=True) == (
        "    @{ Id = 'one'; Title = 'One'; Key = 'HKLM\\SOFTWARE\\Example'; Name = 'Value'; "
        "Kind = 'DWord'; Equals = 1; Default = 3; Pin = $true }\n"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"write": SetValue(7)}, "; Set = 7 }"),
        ({"write": SetValue(1)}, "; Equals = 1 }"),
        ({"write": DeleteValue(), "condition": Condition(Operator.ABSENT), "kind": None}, "; Absent = $true }"),
        (
            {
                "write": Append(("a",)),
                "condition": Condition(Operator.CONTAINS, ("a",)),
                "kind": Kind.MULTI_STRING,
            },
            "; Contains = ([string[]]@('a')) }",
        ),
        (
            {
                "write": CreateKey(),
                "condition": Condition(Operator.PRESENT),
                "kind": None,
                "place": Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example", None),
            },
            "; Present = $true }",
        ),
    ],
)
def test_what_is_written_stands_there_where_it_is_not_what_is_asked_for(changes, expected):
    one = setting(**changes)
    assert expected in row(one, write=True)
    assert "Set = " not in row(one)


@pytest.mark.parametrize(
    ("kind", "operator", "operands", "expected"),
    [
        (Kind.BINARY, Operator.ONE_OF, (b"\x01",), "OneOf = @(, '01')"),
        (Kind.MULTI_STRING, Operator.NONE_OF, ((), ("a",)), "NoneOf = @(([string[]]@()), ([string[]]@('a')))"),
        (Kind.DWORD, Operator.BETWEEN, (1, 2), "Between = @(1, 2)"),
        (Kind.MULTI_STRING, Operator.SET_EQUALS, ("b", "a"), "SetEquals = ([string[]]@('b', 'a'))"),
        (Kind.STRING, Operator.MATCHES, ("a|b",), r"Matches = '\A(?:A|B)\z'; Pattern = 'a|b'"),
    ],
)
def test_operands_keep_their_shape(kind, operator, operands, expected):
    assert expected in row(setting(kind=kind, condition=Condition(operator, operands), write=None))


def test_a_simple_setting_grows_a_script_by_its_own_texts_and_eighty_bytes():
    one = setting()
    own = len("one") + len(r"HKLM\SOFTWARE\Example") + len("Value") + len("1")
    for script in (Script.DISCOVERY, Script.REMEDIATION, Script.REMEDIATE, Script.ROLLBACK):
        assert len(text(script, one, one)) - len(text(script, one)) - own <= 80, script


def test_only_what_is_shown_has_a_title_and_only_mixed_scripts_a_mark():
    for script in Script:
        found = text(script, setting(title="A title"), setting(id="two", write=None))
        assert ("A title" in found) is (script in (Script.DETECT, Script.LOCAL, Script.IMAGE))
        assert found.count("; ReportOnly = $true }") == (script in (Script.DETECT, Script.REMEDIATE, Script.LOCAL))


def test_a_script_holds_only_the_code_that_it_needs():
    plain = text(Script.DETECT, setting())
    assert "Test-Matches" not in plain
    assert "function Get-UserSid" not in plain
    assert "function Test-OneOf" not in plain
    matching = setting(kind=Kind.STRING, condition=Condition(Operator.MATCHES, ("a",)), write=None)
    assert "function Test-Matches" in text(Script.DETECT, matching)
    user = setting(place=Place(Hive.USER, View.BITS_64, r"Software\Example", "Value"))
    assert "function Get-UserSid" in text(Script.DETECT, user)


@pytest.mark.parametrize("script", Script)
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


def test_a_rollback_is_told_only_the_places_to_keep():
    named = setting(sensitive=True, default=3, clear_on_undo=True)
    default = setting(place=Place(Hive.USER, View.BITS_32, "Software\\It's", ""))
    key = setting(place=Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example", None), write=CreateKey(), kind=None)
    assert (
        "\n$Kept = @(\n"
        "    @{ Key = 'HKLM\\SOFTWARE\\Example'; Name = 'Value' }\n"
        "    @{ Key = 'HKCU\\Software\\It''s'; Name = ''; View = 32 }\n"
        "    @{ Key = 'HKLM\\SOFTWARE\\Example' }\n"
        ")\n"
    ) in text(Script.ROLLBACK, named, default, key)
    assert "\n$Kept = @(\n)\n" in text(Script.ROLLBACK)


def test_a_rollback_is_the_same_code_whatever_is_kept():
    matching = setting(kind=Kind.STRING, condition=Condition(Operator.MATCHES, ("a",)), write=SetValue("a"))
    lines = text(Script.ROLLBACK, setting(), matching).splitlines()
    nothing = text(Script.ROLLBACK).splitlines()
    assert [line for line in lines if line not in nothing] == [entry(setting()).place_text().rstrip()] * 2
    assert len(lines) == len(nothing) + 2


def test_scripts_that_write_to_the_journal_know_their_owner_and_whom_they_adopt():
    for script in Script:
        found = script_text(script, slug="pilot", source="a.yaml", adopts=["o'ld", "pilot"]).decode("ascii")
        owner = "$Collection = 'pilot'\n$Adopts = ([string[]]@('o''ld', 'pilot'))\n" in found
        assert owner is (script not in READS), script
    assert "\n$Adopts = ([string[]]@())\n" in script_text(Script.ROLLBACK, slug="pilot", source="a.yaml").decode("ascii")


def test_a_file_name_cannot_leave_its_comment():
    found = script_text(Script.ROLLBACK, slug="pilot", source="a\nRemove-Item C:\\\n#>ü.yaml").decode("ascii")
    said = "made by policyc from a?Remove-Item C:\\?# >?.yaml: change it there, not here."
    assert f"\n.NOTES\n    For the collection pilot, {said}\n#>\n" in found
    assert found.count("#>") == 1


def test_sensitive_data_stands_once():
    one = setting(kind=Kind.STRING, condition=Condition(Operator.MATCHES, ("secret",)), write=SetValue("x"), sensitive=True)
    assert row(one).lower().count("secret") == 1


OPENS_FOR_ANY_CHANGE = re.compile(r"([^\s={]+)\.OpenSubKey\(([^()]*(?:\([^()]*\))?[^()]*), ?\$true\)")
MAKES = re.compile(r"([^\s={]+)\.CreateSubKey\(([^)]*)\)")


@pytest.mark.parametrize("script", Script)
def test_only_the_journals_own_keys_are_opened_for_any_change(script):
    """A setting's key may be closed to all but the act: it is opened with the right for that alone."""
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
    changes = script in CHANGES | UNDOES
    rights = set(re.findall(r"'ReadWriteSubTree', ?'([^']+)'\)", whole))
    # Windows brings a hive to the disk only through a key that may be read.
    of_keys = {"CreateSubKey"} if script in CHANGES else set()
    assert rights == ({"QueryValues, SetValue", *of_keys} if changes else set())
    assert bool(opened) is changes


@pytest.mark.parametrize("size", [1024, 2048, 4096])
@pytest.mark.parametrize("operator", [Operator.EQUALS, Operator.PRESENT])
def test_a_certificate_stands_once_and_fits(size, operator):
    data = bytes(number * 7919 % 251 for number in range(size))
    operands = (data,) if operator is Operator.EQUALS else ()
    one = setting(kind=Kind.BINARY, condition=Condition(operator, operands), write=SetValue(data))
    for script in (Script.REMEDIATE, Script.REMEDIATION):
        assert text(script, one).count(data.hex().upper()) == 1
    for script in (Script.DISCOVERY, Script.REMEDIATION):
        assert len(text(script, one)) < SCRIPT_BUDGET


def test_data_that_is_not_what_is_asked_for_is_written_out():
    other = setting(kind=Kind.BINARY, condition=Condition(Operator.NOT_EQUALS, (b"\1",)), write=SetValue(b"\2"))
    assert "NotEquals = '01'; Set = '02' }" in row(other, write=True)
    same = setting(kind=Kind.BINARY, condition=Condition(Operator.EQUALS, (b"\1",)), write=SetValue(b"\1"))
    assert "Equals = '01' }" in row(same, write=True)


def test_the_bounds_are_those_of_the_evaluation():
    for name, bound in (
        ("MostOfAUser", MOST_OF_A_USER),
        ("MostOfTheMachine", MOST_OF_THE_MACHINE),
        ("LongestMatched", LONGEST_MATCHED),
    ):
        assert library()[f"${name}"].text == f"${name} = {bound}\n"
    for script, code in ((Script.REMEDIATE, BUSY_CODE), (Script.ROLLBACK, BUSY_CODE), (Script.ROLLBACK, USAGE_CODE)):
        assert f"    exit {code}\n" in reader(script.value)


@pytest.mark.parametrize("script", Script)
def test_a_size_is_that_of_the_script(script):
    pilot = Collection("Pilot", "pilot", Location("pilot.yaml"), limited_to="All")
    for some in ([], [entry(setting())], [entry(setting(id=str(number), title="\u00fc")) for number in range(3)]):
        assert script_size(script, pilot, some) == len(collection_script(script, pilot, some))


def test_rows_of_equal_ids_are_told_apart():
    assert row(setting(default=1)) != row(setting(default=2))
    one = setting()
    assert entry(one) is entry(one)
