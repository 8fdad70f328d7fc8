"""What a policy says of a mitigation, and what is said against it."""

from __future__ import annotations

from typing import Any

import pytest

from policyc.diagnostics import Diagnostic
from policyc.evaluation import UNREADABLE, Held
from policyc.kinds.process_mitigation import ProcessMitigationKind
from policyc.kinds.process_mitigation.mitigations import meant, mitigations
from policyc.kinds.process_mitigation.subject import ProcessMitigation
from policyc.model import Kind, Location

AT = Location("pilot.yaml", ("settings", "example"))
KIND = ProcessMitigationKind()


def lowered(said: dict[str, Any], *, audit: bool = False, **head: object) -> tuple[ProcessMitigation | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    return KIND.lower({"title": "An example", **head, "process_mitigation": said}, AT, found, audit=audit), found


def complaint(said: dict[str, Any]) -> Diagnostic:
    subject, found = lowered(said)
    [one] = found
    assert (subject is None) is one.is_error
    return one


@pytest.mark.parametrize("name", mitigations())
def test_every_name_is_one_of_a_program(name: str) -> None:
    subject, found = lowered({"mitigation": name, "program": "a.exe", "equals": "on"})
    assert found == []
    assert subject is not None
    assert (subject.place.name, subject.writes) == (f"{name} a.exe", True)


def test_fields_are_each_other_s_neighbours() -> None:
    fields = [one.field for one in mitigations().values()]
    assert fields == sorted(set(fields))
    # Windows before build 19041 reads 16 bytes.
    assert max(fields) < 32


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("dep", "DEP"),
        ("Mandatory ASLR", "ForceRelocateImages"),
        ("bottomup", "BottomUp"),
        ("TerminatOnError", "TerminateOnError"),
        ("EAF", "EnableExportAddressFilter"),
        ("DisableCFG", "CFG"),
        ("Arbitrary Code Guard", "BlockDynamicCode"),
    ],
)
def test_other_spellings_are_understood_in_the_message(text: str, name: str) -> None:
    assert meant(text) == name
    one = complaint({"mitigation": text, "program": "a.exe", "equals": "on"})
    assert (one.code, one.help) == ("PC1701", f"write '{name}'")
    assert one.location == AT.below("process_mitigation", "mitigation")


@pytest.mark.parametrize("text", ["EmulateAtlThunks", "auditdynamiccode", "TelemetryOnly"])
def test_what_nobody_documents_is_not_guessed(text: str) -> None:
    one = complaint({"mitigation": text, "program": "a.exe", "equals": "on"})
    assert (one.code, one.help) == ("PC1701", "take it out; Set-ProcessMitigation sets it")


def test_what_nobody_means_gets_the_list() -> None:
    one = complaint({"mitigation": "Weather", "equals": "on"})
    assert one.code == "PC1701"
    assert "DEP, SEHOP, ForceRelocateImages" in (one.help or "")


@pytest.mark.parametrize(
    ("program", "written"),
    [
        (r"C:\Program Files\Example\example.exe", "example.exe"),
        ("folder/example", "example.exe"),
        ("example", "example.exe"),
        (" example.exe", "example.exe"),
    ],
)
def test_a_program_is_the_name_of_its_file(program: str, written: str) -> None:
    one = complaint({"mitigation": "DEP", "program": program, "equals": "on"})
    assert (one.code, one.location) == ("PC1702", AT.below("process_mitigation", "program"))
    assert (one.help or "").endswith(f": {written}")


@pytest.mark.parametrize("program", ["*.exe", "a?.exe", 'a".exe', "\\"])
def test_a_program_is_one(program: str) -> None:
    assert complaint({"mitigation": "DEP", "program": program, "equals": "on"}).code == "PC1702"


@pytest.mark.parametrize("program", ["my app.exe", "7z.exe", "setup.x64.msi", "Ü.exe", "a.com"])
def test_names_of_programs(program: str) -> None:
    assert lowered({"mitigation": "DEP", "program": program, "equals": "on"})[1] == []


def test_what_is_a_program_s_alone_needs_one() -> None:
    of_one = [name for name, one in mitigations().items() if not one.for_all]
    assert len(of_one) == len(mitigations()) - 7
    for name in of_one:
        assert complaint({"mitigation": name, "equals": "on"}).code == "PC1703"


def test_off_for_all_is_warned_of() -> None:
    one = complaint({"mitigation": "CFG", "equals": "off"})
    assert (one.code, one.is_error) == ("PC1704", False)
    assert lowered({"mitigation": "CFG", "equals": "off", "program": "a.exe"})[1] == []
    assert lowered({"mitigation": "CFG", "not_equals": "off"})[1] == []


@pytest.mark.parametrize(("audit", "remediate"), [(True, True), (False, False), (True, False)])
def test_a_report_writes_nothing(audit: bool, remediate: bool) -> None:
    subject, _ = lowered({"mitigation": "DEP", "equals": "on"}, audit=audit, remediate=remediate)
    assert subject is not None
    assert not subject.writes


def test_a_state_says_what_is_set() -> None:
    found: list[Diagnostic] = []
    tree = {"system": {"DEP": "on", "CFG": "unreadable"}, "programs": {"a.exe": {"DEP": "off"}}}
    stated = [(str(place), state) for place, state, _ in KIND.stated(tree, AT, found)]
    assert found == []
    assert stated == [
        ("mitigation DEP of all programs", Held(Kind.DWORD, 1)),
        ("mitigation CFG of all programs", UNREADABLE),
        ("mitigation DEP of a.exe", Held(Kind.DWORD, 2)),
    ]


def test_a_state_is_checked_as_policies_are() -> None:
    found: list[Diagnostic] = []
    tree = {"system": {"dep": "on"}, "programs": {r"C:\a.exe": {"DEP": "off"}}}
    assert list(KIND.stated(tree, AT, found)) == []
    assert sorted(one.code for one in found) == ["PC1701", "PC1702"]
