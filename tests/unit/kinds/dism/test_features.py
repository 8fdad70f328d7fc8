"""What a policy says of optional features and capabilities, what is said against it, and what it means."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policyc.diagnostics import Diagnostic
from policyc.driver.check import Checked, check
from policyc.evaluation import ABSENT, UNREADABLE, State, Verdict
from policyc.kinds import FROM_ROWS, OTHERS, by_program
from policyc.kinds.capability import Capability, CapabilityKind
from policyc.kinds.dism import known
from policyc.kinds.dism.part import Part, PartPlace, held
from policyc.kinds.dism.part_kind import PartKind
from policyc.kinds.optional_feature import OptionalFeature, OptionalFeatureKind
from policyc.model import Location, Setting

AT = Location("pilot.yaml", ("settings", "example"))
FEATURES, CAPABILITIES = OptionalFeatureKind(), CapabilityKind()
KINDS: dict[str, PartKind[Any]] = {"optional_feature": FEATURES, "capability": CAPABILITIES}
PROJECT = "project: {name: Parts, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"


def lowered(kind: str, *, audit: bool = False, remediate: bool = True, **said: str) -> tuple[Any, list[Diagnostic]]:
    found: list[Diagnostic] = []
    tree = {"title": "An example", "remediate": remediate, kind: {"state": "enabled", **said}}
    return KINDS[kind].lower(tree, AT, found, audit=audit), found


def feature(
    state: str = "disabled", *, missing: bool = True, writes: bool = True, name: str = "SMB1Protocol"
) -> OptionalFeature:
    return OptionalFeature(PartPlace("optional_feature", name), state == "enabled", missing, writes)


@pytest.mark.parametrize(
    ("kind", "said", "wanted", "missing"),
    [
        ("optional_feature", {"state": "disabled"}, False, True),
        ("optional_feature", {"state": "enabled"}, True, False),
        ("optional_feature", {"state": "disabled", "missing": "non-compliant"}, False, False),
        ("optional_feature", {"state": "enabled", "missing": "compliant"}, True, True),
        ("capability", {"state": "absent"}, False, True),
        ("capability", {"state": "present"}, True, False),
    ],
)
def test_what_windows_does_not_know_is_not_there(kind: str, said: dict[str, str], wanted: bool, missing: bool) -> None:
    subject, found = lowered(kind, name="Some.Thing", **said)
    assert found == []
    assert (subject.wanted, subject.missing, subject.writes) == (wanted, missing, True)


@pytest.mark.parametrize(("audit", "remediate"), [(True, True), (False, False)])
def test_a_report_writes_nothing_and_needs_no_program(audit: bool, remediate: bool) -> None:
    subject, _ = lowered("optional_feature", audit=audit, remediate=remediate, name="SMB1Protocol")
    assert not subject.writes
    assert not by_program(Setting("one", "One", subject, AT))


def test_every_change_takes_as_long_as_it_takes() -> None:
    assert by_program(Setting("one", "One", feature(), AT))
    assert by_program(Setting("one", "One", Capability(PartPlace("capability", "X"), True, False), AT))


COMPLAINTS = [
    ("optional_feature", "FS-SMB1", "PC1402", "'SMB1Protocol'"),
    ("optional_feature", "powershell-V2", "PC1402", "'MicrosoftWindowsPowerShellV2Root'"),
    ("optional_feature", "Telnet-Client", "PC1402", "'TelnetClient'"),
    ("optional_feature", "SMB 1.0/CIFS File Sharing Support", "PC1403", "optional feature"),
    ("optional_feature", "IIS-*", "PC1403", "can't be the name"),
    ("capability", "OpenSSH Server", "PC1403", "of a capability"),
    ("optional_feature", "TelnetClent", "PC1404", "'TelnetClient' is"),
    ("capability", "OpenSSH.Servr~~~~0.0.1.0", "PC1404", "'OpenSSH.Server' is"),
]


@pytest.mark.parametrize(("kind", "name", "code", "says"), COMPLAINTS)
def test_a_name_that_no_windows_has(kind: str, name: str, code: str, says: str) -> None:
    subject, [complaint] = lowered(kind, name=name)
    assert (complaint.code, complaint.location.path) == (code, ("settings", "example", kind, "name"))
    assert says in complaint.message
    assert (subject is None) is complaint.is_error


@pytest.mark.parametrize("name", ["smb1protocol", "Acme-Feature", "NetFx3", "IIS-WebServerRole"])
def test_other_names_are_taken(name: str) -> None:
    assert lowered("optional_feature", name=name)[1] == []


def test_the_table_has_each_name_once_and_no_servers_name_that_dism_has_for_another() -> None:
    names = [(kind, name.upper()) for kind, name, _ in known._known()]
    assert len(set(names)) == len(names)
    servers = {server.upper() for _, _, server in known._known() if server}
    taken = {name for _, name in names} & servers
    assert all(known.by_server_name(name) is None for name in taken)


def test_a_capability_is_the_same_in_every_version() -> None:
    one, other = (lowered("capability", name=f"openssh.SERVER{end}")[0] for end in ("", "~~~~0.0.1.0"))
    assert one == other
    assert one.place.identity == PartPlace("capability", "OpenSSH.Server").identity
    assert lowered("capability", name="Language.Basic~~~de-DE~0.0.1.0")[0].place.name == "Language.Basic~~~de-DE"


@pytest.mark.parametrize(
    ("state", "subject", "verdict"),
    [
        (held("enabled"), feature(), Verdict.NON_COMPLIANT),
        (held("disabled"), feature(), Verdict.COMPLIANT),
        (held("removed"), feature(), Verdict.COMPLIANT),
        (held("removed"), feature("enabled"), Verdict.NON_COMPLIANT),
        (held("disabled;SMB1Protocol-Client"), feature(), Verdict.COMPLIANT),
        (ABSENT, feature(), Verdict.COMPLIANT),
        (ABSENT, feature(missing=False), Verdict.NON_COMPLIANT),
        (UNREADABLE, feature(), Verdict.ERROR),
    ],
)
def test_verdicts(state: State, subject: OptionalFeature, verdict: Verdict) -> None:
    assert FEATURES.verdict(subject, state) is verdict


@pytest.mark.parametrize(
    ("state", "wanted", "after"),
    [("enabled", "disabled", "disabled"), ("removed", "disabled", "removed"), ("removed", "enabled", "enabled")],
)
def test_the_least_change(state: str, wanted: str, after: str) -> None:
    assert FEATURES.after(feature(wanted), held(state)) == held(after)
    assert FEATURES.after(feature(wanted), ABSENT) is ABSENT
    assert FEATURES.undone(feature(wanted), held(state), held(after)) == held(state)


def test_two_settings_of_one_feature() -> None:
    on, off = feature("enabled", missing=False), feature()
    assert FEATURES.contradict(on, off)
    assert not FEATURES.contradict(feature("enabled", missing=True), off)
    assert FEATURES.violates(on, off)
    assert not FEATURES.violates(feature("enabled", writes=False), off)
    assert FEATURES.agree(off, feature(missing=False))
    assert FEATURES.same_write(off, feature(missing=False))
    assert FEATURES.covers(off, feature(writes=False))
    assert not FEATURES.covers(feature(writes=False), off)
    assert FEATURES.implies(feature(missing=False), off)
    assert not FEATURES.implies(off, feature(missing=False))


@pytest.mark.parametrize(
    "subject", [feature(), feature("enabled", missing=False), Capability(PartPlace("capability", "X"), False, True)]
)
def test_a_row_is_read_back(subject: Part) -> None:
    kind = KINDS[subject.word]
    said = FROM_ROWS[subject.word](kind.row(subject))
    assert said is not None
    assert lowered(subject.word, **said)[0] == subject
    assert FROM_ROWS[subject.word]({**kind.row(subject), "Strange": 1}) is None


def checked(folder: Path, **files: str) -> Checked:
    policies = folder / "policies"
    policies.mkdir()
    for name, text in {"project": PROJECT, **files}.items():
        (policies / f"{name}.yaml").write_text(text, encoding="utf-8")
    return check(policies, date(2026, 1, 31))


def collection(head: str, *states: str, more: str = "") -> str:
    body = "".join(
        f"  n{number}: {{title: x, optional_feature: {{name: SMB1Protocol-{number}, state: {one}}}{more}}}\n"
        for number, one in enumerate(states)
    )
    return f"collection: {{name: One{head}}}\n{'' if not body else 'settings:'}\n{body}"


@pytest.mark.parametrize(
    ("head", "more", "words"),
    [
        ("", "", "'n0' and 1 more of 'One' are changed by a program alone, which nothing deploys"),
        (", mode: audit", "", None),
        ("", ", remediate: false", None),
        ("}\ndeployment: {remediate_program: true", "", None),
        ("}\ndeployment: {remediate: false", "", None),
    ],
)
def test_a_program_that_nothing_deploys_is_said_once(tmp_path: Path, head: str, more: str, words: str | None) -> None:
    found = [
        one
        for one in checked(tmp_path, one=collection(head, "disabled", "disabled", more=more)).diagnostics
        if one.code == "PC1401"
    ]
    assert [one.message for one in found] == ([] if words is None else [words])


def test_its_functions_are_those_of_both_and_its_own() -> None:
    for word in KINDS:
        text = OTHERS[word].functions()
        assert "function Read-Dism {\n" in text
        assert "-NoRestart" in text
        assert "-All" not in text
