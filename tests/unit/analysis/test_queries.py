"""PC0431 and PC0432: what is no query, what is probably a slip, and that nothing valid is refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.analysis.queries import queries
from policyc.analysis.wql import Fault, Query, read
from policyc.diagnostics import Diagnostic
from policyc.model import Location
from unit.analysis.estates import CONTEXT, collection, project

FROM = "select ResourceId from SMS_R_System "
WHERE = FROM + "where "


def find(query: str) -> list[Diagnostic]:
    return list(queries(project(collection("Pilot", query=query)), CONTEXT))


VALID = [
    "select * from SMS_R_System",
    "SELECT SMS_R_SYSTEM.ResourceID,SMS_R_SYSTEM.Name,SMS_R_SYSTEM.Client FROM SMS_R_System",
    WHERE + "Name like 'BANK-%' or Name like \"SHOP_[0-9]%\"",
    WHERE + "SystemOUName = 'EXAMPLE.COM/SALES/TILLS' and Client = 1 and Obsolete != 1",
    WHERE + r'SystemGroupName = "EXAMPLE\\Tills"',
    WHERE + r"SystemGroupName = 'EXAMPLE\Tills'",
    WHERE + r"SystemGroupName like 'EXAMPLE\' and Client = 1",
    WHERE + r'Name = "a\"b" and Client = 1',
    WHERE + "Name = 'O''Hara'",
    WHERE + "Name not like '%-TEST' and not (Client is null or Client <> 1) and (ClientVersion >= '5.00.9000')",
    WHERE + "IPSubnets in ('10.0.0.0', \"10.0.1.0\") and IsVirtualMachine = false",
    WHERE + "LastLogonTimestamp < DateAdd(dd, -30, GetDate()) and DateDiff(day, CreationDate, GetDate()) > 7",
    WHERE
    + "ResourceId not in (select distinct ResourceID from SMS_G_System_SERVICE where Name = 'Sense' and State is not null)",
    WHERE + "PrimaryGroupID = -1 and Build like '10.0.%'",
    "select S.Name from SMS_R_System as S inner join SMS_G_System_TPM T on T.ResourceID = S.ResourceId where T.IsEnabled = 1",
    "select S.Name from SMS_R_System S left outer join SMS_G_System_TPM on SMS_G_System_TPM.No is null order by S.Name desc",
    "select a.Name from SMS_R_System as a, SMS_FullCollectionMembership as b where a.ResourceId = b.ResourceId",
    "select * from SMS_R_System, SMS_G_System_DISK where SMS_G_System_DISK.ResourceID = SMS_R_System.ResourceId",
    WHERE + "SMS_R_System.CostCentre = '4711' and extensionAttribute3 = 'kiosk'",
    "select ResourceId from SMS_CM_RES_COLL_PS100012",
    "select R.Name from SMS_R_System as R join SMS_G_System_BADGES_OF_OURS as B on B.ResourceID = R.ResourceID where B.No > 5",
    WHERE + "Name = 'Ünïcode “quoted” 100%' and Name like '%##%'",
    "select ResourceId from SMS_R_UnknownSystem",
    "  select\n  ResourceId\nfrom\tSMS_R_System\nwhere\n(((Client=1)))  ",
]


@pytest.mark.parametrize("query", VALID)
def test_nothing_is_said_of_a_valid_query(query: str) -> None:
    assert find(query) == []


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (WHERE + "Name like TILL%", "'TILL%' stands without quotes"),
        (WHERE + "Name like %TILL and Client = 1", "'%TILL' stands without quotes"),
        (WHERE + "Name in (A%, B%)", "'A%' stands without quotes"),
        (WHERE + "Name like 'TILL%", "the text that begins with ''TILL%' has no end"),
        (WHERE + 'Name = TILL" and Client = 1', "has no end"),
        (WHERE + "Name like \u2018TILL%\u2019", "\u2018 is no quote of WQL"),
        (WHERE + "Name = \u201cTILL\u201d", "\u201c is no quote of WQL"),
        (WHERE + "Name `TILL`", "` is no quote of WQL"),
        (WHERE + "Name 'TILL'", "'Name 'TILL'' has no operator between the two"),
        (WHERE + "Name = TILL 01", "'TILL 01' has no operator between the two"),
        (WHERE + "Name = 'A' Client = 1", "''A' Client' has no operator between the two"),
        (WHERE + "Name = and Client = 1", "nothing stands behind '='"),
        (WHERE + "Name =", "nothing stands behind '='"),
        (WHERE + "Client = 1 and", "nothing stands behind 'and'"),
        (WHERE + "Client = 1 and or Client = 2", "nothing stands behind 'and'"),
        (WHERE + "(Client = 1 or)", "nothing stands behind 'or'"),
        (WHERE + "= 'TILL'", "nothing stands before '='"),
        (WHERE + "Client is 1", "'is' stands before '1'"),
        (WHERE + "Name in 'A'", "no list stands behind 'in'"),
        (WHERE, "no condition stands behind 'where'"),
        (WHERE + "order by Name", "no condition stands behind 'where'"),
        (WHERE + "(Client = 1", "1 '(' is not closed"),
        (WHERE + "((Client = 1", "2 '(' are not closed"),
        (WHERE + "Client = 1)", "a ')' closes nothing"),
        ("from SMS_R_System", "it doesn't begin with 'select'"),
        ("All devices", "it doesn't begin with 'select'"),
        ("select ResourceId", "it names no class"),
        ("select ResourceId from", "no class stands behind 'from'"),
        ("select ResourceId from where Client = 1", "no class stands behind 'from'"),
        ("select (select Name from SMS_R_System)", "it names no class"),
    ],
)
def test_what_no_site_takes(query: str, why: str) -> None:
    (found,) = find(query)
    assert (found.code, found.level) == ("PC0431", "error")
    assert found.location == Location("pilot.yaml", ("collection", "members", "query"))
    assert why in found.message
    assert found.help


@pytest.mark.parametrize(
    ("query", "words", "help"),
    [
        ("select * from SMS_R_Sytem", "hardly has a class 'SMS_R_Sytem', but it has 'SMS_R_System'", "write 'SMS_R_System'"),
        ("select * from SMSR_System where SMSR_System.Nam = 'x'", "but it has 'SMS_R_System'", "write 'SMS_R_System'"),
        (
            FROM + "join SMS_G_System_TPMM on SMS_G_System_TPMM.X = SMS_R_System.ResourceId",
            "it has 'SMS_G_System_TPM'",
            "write",
        ),
        (
            "select * from Win32_OperatingSystem where Caption = 'x'",
            "No class of a site is called 'Win32_OperatingSystem'",
            "SMS_G",
        ),
        ("select * from SMS_R_User", "'SMS_R_User' are no devices", "write 'from SMS_R_System'"),
        (WHERE + "OperatingSystemNameAndVersoin like 'x'", "but it has 'OperatingSystemNameandVersion'", "write"),
        (WHERE + "SMS_R_System.NetBiosNme = 'x'", "but it has 'NetbiosName'", "write 'NetbiosName'"),
        (WHERE + "SMS_R_Sysem.Name = 'x'", "takes nothing from 'SMS_R_Sysem', but 'SMS_R_System'", "write 'SMS_R_System'"),
        (WHERE + "SMS_G_System_DISK.Size > 5", "takes nothing from 'SMS_G_System_DISK'", "inner join SMS_G_System_DISK on"),
        (WHERE + "Name = TILL01", "'TILL01' behind '=' is read as a property", "write 'TILL01' in quotes"),
    ],
)
def test_slips_of_the_pen(query: str, words: str, help: str) -> None:
    (found,) = find(query)
    assert (found.code, found.level) == ("PC0432", "warning")
    assert words in found.message
    assert help in (found.help or "")


def test_each_doubt_is_told_once() -> None:
    assert len(find("select * from SMS_R_Sytem where SMS_R_Sytem.Name = 'a' or sms_r_sytem.Name = 'b'")) == 1
    assert len(find(WHERE + "Nmae = 'a' or nmae = 'b' or Nmae = 'c'")) == 0  # two letters that differ: no near name
    assert len(find(WHERE + "NetbiosNam = 'a' or netbiosnam = 'b'")) == 1


@pytest.mark.parametrize(
    "query", ["(" * 7000, WHERE + "not " * 1900, WHERE + "(" * 3900 + ")" * 3900, "'\\" * 4000, "%" * 8000]
)
def test_hostile_queries_take_no_time(query: str) -> None:
    started = time.process_time()
    find(query)
    assert time.process_time() - started < 2


@given(st.text(alphabet="abSMS_R.system'\"\\%()=<>,- \nselectfromwherelikeinand\u2018", max_size=80))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(read(text), (Query, Fault))


@given(st.text(min_size=1, max_size=30).filter(lambda text: "\\" not in text and "'" not in text))
def test_any_text_in_quotes_is_one(text: str) -> None:
    found = read(WHERE + f"Name like '{text}' and Client = 1")
    assert isinstance(found, Query)
    assert found.names == ["ResourceId", "Name", "Client"]
