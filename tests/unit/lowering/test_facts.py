"""`only_if`: what must be there on a device for a setting to be about it."""

from __future__ import annotations

import pytest

from policyc.diagnostics import Diagnostic
from policyc.lowering.facts import VARIABLES, lower_fact
from policyc.model import EVERYWHERE, Applicability, Fact, FeaturePlace, FilePlace, Hive, Location, Place, View

AT = Location("pilot.yaml", ("settings", "one", "only_if"))


def lowered(**tree: object) -> tuple[Fact | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    return lower_fact(tree, AT, found), found


@pytest.mark.parametrize(
    ("tree", "fact", "text"),
    [
        ({"service": "Spooler"}, Fact(service="Spooler"), "the service Spooler"),
        (
            {"key": r"hklm\Software\WOW6432Node\Example"},
            Fact(place=Place(Hive.MACHINE, View.BITS_32, r"Software\Example", None)),
            r"the key HKLM\Software\Example (32-bit view)",
        ),
        (
            {"key": r"HKLM\SOFTWARE\Example", "name": ""},
            Fact(place=Place(Hive.MACHINE, View.BITS_64, r"SOFTWARE\Example", "")),
            r"the value HKLM\SOFTWARE\Example : (Default)",
        ),
        (
            {"file": r"%ProgramFiles(x86)%\Example"},
            Fact(file=FilePlace(r"%ProgramFiles(x86)%\Example")),
            r"the file %ProgramFiles(x86)%\Example",
        ),
        (
            {"feature": "SMB1Protocol"},
            Fact(feature=FeaturePlace("SMB1Protocol")),
            "the enabled optional feature SMB1Protocol",
        ),
        (
            {"feature": "smb1protocol", "state": "disabled"},
            Fact(feature=FeaturePlace("smb1protocol"), enabled=False),
            "the disabled optional feature smb1protocol",
        ),
        ({"file": r"d:\Example\a b.exe"}, Fact(file=FilePlace(r"d:\Example\a b.exe")), r"the file d:\Example\a b.exe"),
    ],
)
def test_a_fact(tree: dict[str, object], fact: Fact, text: str) -> None:
    assert lowered(**tree) == (fact, [])
    assert str(fact) == text


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_in_any_case(variable: str) -> None:
    for spelled in (variable, variable.upper(), variable.lower()):
        fact, found = lowered(file=rf"{spelled}\Example")
        assert found == []
        assert fact is not None


@pytest.mark.parametrize(
    ("tree", "said", "word"),
    [
        ({"key": r"HKCU\Software\Example"}, "whose key it is depends on who is signed in", "key"),
        ({"key": r"HKU\.DEFAULT\Software\Example"}, "depends on who is signed in", "key"),
        ({"file": "example.exe"}, "is no path of a device", "file"),
        ({"file": r"\\server\share\x"}, "is no path of a device", "file"),
        ({"file": "%TEMP%\\x"}, "is no variable that every device has", "file"),
        ({"file": "C:\\"}, "names no file or folder", "file"),
        ({"file": "C:"}, "names no file or folder", "file"),
        ({"file": "C:\\a\\\\b"}, "names no file or folder", "file"),
        ({"file": r"C:\a\*.exe"}, "'*.exe' in", "file"),
        ({"file": r"C:\a\..\b"}, "'..' in", "file"),
        ({"file": r"C:\%USERNAME%\b"}, "'%USERNAME%' in", "file"),
        ({"file": "C:\\a\nb"}, "can't be the name", "file"),
        ({"file": r"C:\a\stream:x"}, "can't be the name", "file"),
        ({"service": "a", "file": r"C:\a"}, "more than one thing", None),
        ({"name": "a"}, "doesn't say what must be there", None),
        ({"service": "a", "name": "b"}, "'name' is a word of a key", None),
        ({"feature": "SMB1Protocol", "name": "b"}, "'name' is a word of a key", None),
        ({"service": "a", "state": "enabled"}, "'state' is a word of a feature", None),
        ({"key": "HKLM\\SOFTWARE\\x", "state": "enabled"}, "'state' is a word of a feature", None),
        ({"state": "enabled"}, "doesn't say what must be there", None),
    ],
)
def test_what_is_no_fact(tree: dict[str, object], said: str, word: str | None) -> None:
    fact, [found] = lowered(**tree)
    assert fact is None
    assert found.code == "PC0353"
    assert said in found.message
    assert found.help
    assert found.location.path == (AT.path if word is None else (*AT.path, word))


def test_a_key_that_windows_cannot_have_is_told_as_everywhere() -> None:
    fact, [found] = lowered(key=r"HKLM\Sofware\Example")
    assert fact is None
    assert found.code != "PC0353"


def test_words_lead_back_to_the_same_fact() -> None:
    for tree in (
        {"feature": "TelnetClient", "state": "enabled"},
        {"feature": "TelnetClient", "state": "disabled"},
        {"service": "x"},
        {"file": r"C:\x"},
        {"key": r"HKLM\SOFTWARE\x", "name": "y", "view": 32},
    ):
        fact, _ = lowered(**tree)
        assert fact is not None
        assert fact.words == tree


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("FS-SMB1", "PC1402", "SMB1Protocol"),
        ("a b", "PC1403", "can't be the name"),
        ("x' OR Name = 'y", "PC1403", "can't be the name"),
    ],
)
def test_a_feature_is_named_as_settings_of_it_name_it(name: str, code: str, told: str) -> None:
    fact, [found] = lowered(feature=name)
    assert fact is None
    assert (found.code, found.location.path[-1]) == (code, "feature")
    assert told in f"{found.message} {found.help}"


def test_a_slip_of_the_hand_is_told() -> None:
    fact, [found] = lowered(feature="SMB1Protcol")
    assert fact is not None
    assert found.code == "PC1404"


def test_no_device_has_a_feature_in_two_states() -> None:
    enabled, disabled = (
        Applicability(only_if=Fact(feature=FeaturePlace(name), enabled=on))
        for name, on in (("SMB1Protocol", True), ("smb1protocol", False))
    )
    other = Applicability(only_if=Fact(feature=FeaturePlace("TelnetClient"), enabled=False))
    service = Applicability(only_if=Fact(service="SMB1Protocol"))
    assert not enabled.meets(disabled)
    assert not disabled.meets(enabled)
    assert all(enabled.meets(one) for one in (enabled, other, service, EVERYWHERE))
