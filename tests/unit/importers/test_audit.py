"""Advanced audit policies: read by position and GUID, whatever language they are in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.importers.audit import read
from policyc.importers.audit_csv import AuditLine, Scope, read_audit_csv
from policyc.importers.earlier import known
from policyc.importers.policy_file import write_policy
from policyc.registry_files import FormatError

HEAD = "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value"
LOGON = "{0CCE9215-69AE-11D9-BED3-505054503030}"


def lines(*said: str, encoding: str = "utf-8", head: str = HEAD) -> list[AuditLine]:
    return read_audit_csv("\r\n".join([head, *said, ""]).encode(encoding))


@pytest.mark.parametrize(
    ("value", "flags"),
    [("0", ()), ("1", ("success",)), ("2", ("failure",)), ("3", ("success", "failure")), ("4", ())],
)
def test_the_number_says_what_is_audited(value: str, flags: tuple[str, ...]) -> None:
    (line,) = lines(f",System,Audit Logon,{LOGON.lower()},No Auditing,,{value}")
    assert line == AuditLine(2, "Audit Logon", Scope.SYSTEM, LOGON, flags)


def test_lines_become_settings_that_validate_and_repetition_is_said_once() -> None:
    said = (
        f",System,Audit Logon,{LOGON},Success and Failure,,3",
        ",System,Audit PNP Activity,{0cce9248-69ae-11d9-bed3-505054503030},No Auditing,,0",
        f",System,Audit Logon,{LOGON},Success and Failure,,3",
        ",System,Audit Logoff,{0CCE9216-69AE-11D9-BED3-505054503030},Success,,1",
        ",System,Audit Logoff,{0CCE9216-69AE-11D9-BED3-505054503030},Failure,,2",
        ",System,Of a later Windows,{0CCE92FF-69AE-11D9-BED3-505054503030},Success,,1",
    )
    imported = read("\r\n".join([HEAD, *said]).encode(), "audit.csv")
    assert [(one.title, one.kind, dict(one.words), one.source) for one in imported.settings[:2]] == [
        (
            "Logon: success and failure are audited",
            "audit_policy",
            {"subcategory": "Logon", "equals": ["success", "failure"]},
            "line 2",
        ),
        (
            "Plug and Play Events: nothing is audited",
            "audit_policy",
            {"subcategory": "Plug and Play Events", "equals": []},
            "line 3",
        ),
    ]
    assert [one.source for one in imported.refused] == ["line 7"]
    written = write_policy(imported, name="x")
    assert (written.settings, written.same, written.contradicted, len(written.refused)) == (2, 1, 2, 1)
    assert [one.id for one in written.files[0].settings] == [
        "audit-logon",
        "audit-plug-and-play-events",
    ]


def test_an_id_stays_whatever_becomes_of_what_is_audited() -> None:
    line = f",System,Audit Logon,{LOGON},,,"
    first = write_policy(read(f"{HEAD}\n{line}1".encode(), "audit.csv"), name="x").files[0]
    earlier = known([{"settings": {"sign-ins": {"title": "Mine", "audit_policy": {"subcategory": "Logon", "equals": []}}}}])
    again = write_policy(read(f"{HEAD}\n{line}3".encode(), "audit.csv"), name="x", earlier=earlier).files[0]
    assert (first.settings[0].id, again.settings[0].id) == ("audit-logon", "sign-ins")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_words_in_another_language_do_not_matter(encoding: str) -> None:
    head = "Computername,Richtlinienziel,Unterkategorie,Unterkategorie-GUID,Aufnahmeeinstellung,Ausschlusseinstellung,Wert"
    (line,) = lines(f"PC,System,Anmelden,{LOGON},Erfolg und Fehler für alle,,3", encoding=encoding, head=head)
    assert (line.guid, line.flags, line.wrong) == (LOGON, ("success", "failure"), "")


@pytest.mark.parametrize(
    ("said", "scope"),
    [
        (",,Option:CrashOnAuditFail,,Enabled,,1", Scope.OPTION),
        (",,FileGlobalSacl,,,,S:(AU;SA;FA;;;WD)", Scope.GLOBAL_SACL),
        (f",S-1-5-21-1-2-3-1000,Logon,{LOGON},Success,,1", Scope.USER),
    ],
)
def test_what_is_no_subcategory_of_the_device_is_told_apart(said: str, scope: Scope) -> None:
    (line,) = lines(said)
    assert line.scope is scope
    assert len(read(f"{HEAD}\n{said}".encode(), "audit.csv").refused) == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (f",System,Logon,{LOGON},Success,,7", "its value is '7'"),
        (f",System,Logon,{LOGON},Success,,", "its value is ''"),
        (",System,Logon,Logon,Success,,1", "no subcategory by its GUID"),
        (f",System,Logon,{LOGON}", "has 4 fields"),
    ],
)
def test_a_line_that_can_not_be_read_says_why(said: str, reason: str) -> None:
    (line,) = lines(said)
    assert reason in line.wrong
    (refused,) = read(f"{HEAD}\n{said}".encode(), "audit.csv").refused
    assert (refused.source, reason in refused.reason) == ("line 2", True)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"\r\n\r\n", "is empty"),
        (b"a,b\n", "doesn't name the seven columns"),
        (f",System,Logon,{LOGON},Success,,1".encode(), "doesn't name the seven columns"),
        (HEAD.rpartition(",")[0].encode(), "six columns"),
        (HEAD.encode() + b"\n\0", "NUL"),
        (HEAD.encode() + b"\n" + b"x" * 200_000, "line 2 is no line"),
        (HEAD.encode() + b"\n" * 500_001, "more than 500,000 lines"),
    ],
)
def test_what_is_no_audit_policy(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        read(data, "audit.csv")


@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: f"{HEAD}\n{text}".encode()))
def test_any_bytes_are_entries_or_a_format_error(data: bytes) -> None:
    try:
        imported = read(data, "audit.csv")
    except FormatError:
        return
    assert imported.entries == len(imported.settings) + len(imported.refused)
