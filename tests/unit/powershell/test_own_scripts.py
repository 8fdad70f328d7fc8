"""Scripts that policyc wrote, back to their settings."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as how
from hypothesis import strategies as st

from policyc.evaluation import translate
from policyc.kinds import must
from policyc.model import Condition, Hive, Operator, Setting, SetValue, Severity
from policyc.powershell.own_scripts import read_script
from policyc.powershell.scripts import Script, entry, script_text
from policyc.powershell.table import ForeignScriptError
from registry_settings import altered
from unit.powershell.random_settings import settings
from unit.targets.samples import SETTING


def text_of(script: Script, *rows: Setting) -> str:
    return script_text(script, slug="pilot", source="pilot.yaml", entries=[entry(row) for row in rows]).decode("ascii")


def told(setting: Setting, script: Script) -> Setting:
    """What a script can tell of the setting."""
    known = replace(setting, title=setting.id, severity=Severity.WARNING, origin=SETTING.origin, why="", references=())
    return known if script is Script.REMEDIATION else altered(known, write=None)


def comparable(setting: Setting) -> Setting:
    """With a pattern by its meaning."""
    setting = replace(setting, origin=SETTING.origin)
    condition = setting.subject.condition
    if condition.operator is not Operator.MATCHES:
        return setting
    pattern = translate(str(condition.operands[0]), exact_case=condition.exact_case)
    return altered(setting, condition=replace(condition, operands=(pattern,)))


@how(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(settings(), min_size=1, max_size=3), st.sampled_from([Script.DISCOVERY, Script.REMEDIATION]))
def test_settings_come_back(rows: list[Setting], script: Script) -> None:
    # A remediation has only what it changes, and a compliance script has the settings of users last.
    rows = [row for row in rows if row.remediated or script is Script.DISCOVERY]
    rows.sort(key=lambda row: row.subject.place.hive is Hive.USER)
    assume(rows)
    read = read_script(text_of(script, *rows), script)
    assert (read.source, read.collection, read.same_code) == ("pilot.yaml", "pilot", True)
    assert [comparable(row) for row in read.settings] == [comparable(told(row, script)) for row in rows]


DISCOVERY = text_of(Script.DISCOVERY, SETTING)
REMEDIATION = text_of(Script.REMEDIATION, SETTING)
LIST = altered(SETTING, condition=Condition(Operator.ONE_OF, (1, 2)), write=SetValue(1), default=None)


@pytest.mark.parametrize("text", [DISCOVERY.replace("\n", "\r\n"), REMEDIATION.replace("\n", "\r\n")])
def test_line_ends_are_no_difference(text: str) -> None:
    script = Script.REMEDIATION if "$Collection = " in text else Script.DISCOVERY
    assert read_script(text, script).same_code


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Set-StrictMode -Version 3.0", "Set-StrictMode -Version 2.0"),
        ("# ConfigMgr takes", "'Compliant'; exit\n# ConfigMgr takes"),
    ],
)
def test_changed_code_is_told(old: str, new: str) -> None:
    assert old in DISCOVERY
    read = read_script(DISCOVERY.replace(old, new), Script.DISCOVERY)
    assert not read.same_code
    assert read.settings == read_script(DISCOVERY, Script.DISCOVERY).settings


EARLIER = Path(__file__).with_name("earlier")
"""Compliance scripts of the version that worded its table in the compiler, of tests/golden/every-kind."""


@pytest.mark.parametrize("script", [Script.DISCOVERY, Script.REMEDIATION])
def test_tables_of_the_version_before_are_read(script: Script) -> None:
    read = read_script((EARLIER / f"{script}.ps1").read_text("ascii"), script)
    assert not read.same_code
    again = read_script(text_of(script, *read.settings), script)
    assert [comparable(one) for one in again.settings] == [comparable(one) for one in read.settings]
    words = sorted(must(one) for one in read.settings)
    assert words == sorted((EARLIER / "words.txt").read_text("utf-8").splitlines())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("made by policyc from", "made from", "no table of settings"),
        ("$Settings = @(\n", "$Others = @(\n", "no table of settings"),
        ("$LogName = 'policyc-pilot.log'\n", "", "no table of settings"),
        ("$Settings = @(\n", "$Settings = @(\n)\n$Settings = @(\n", "no table of settings"),
        ("'HKLM\\", "'HKCR\\", "'Key' isn't"),
        ("; Kind = ", "; View = 64; Kind = ", "'View' isn't"),
        ("'DWord'", "'Link'", "'Kind' isn't"),
        ("AtLeast", "Resembles", "without its condition"),
        ("AtLeast = 5", "AtLeast = 5; AtMost = 7", "without its condition"),
        ("AtLeast", "Between", "without its list"),
        ("AtLeast", "Contains", "without its elements"),
        ("AtLeast", "Matches", "pattern"),
        ("AtLeast = 5", "Present = $true", "never writes|writes nothing"),
        ("AtLeast = 5", "Absent = 5", "'Absent' isn't"),
        ("AtLeast = 5", "AtLeast = '5'", "data of another kind"),
        ("AtLeast = 5", "AtLeast = $true", "data of another kind"),
        ("AtLeast = 5", "AtLeast = 4294967296", "data of another kind"),
        ("AtLeast = 5", "AtLeast = (-5)", "data of another kind"),
        ("AtLeast = 5", "AtLeast = (5)", "its line"),
        ("AtLeast = 5", "AtLeast = $(5)", "its line"),
        ("Id = 'lan-manager-level'", "Id = 'LAN manager'", "is no id"),
        ("Id = 'lan-manager-level'", "Id = 5", "a row without 'Id'"),
        ("Default = 3", "Default = 3; Else = 1", "never writes"),
        ("AtLeast = 5; Default = 3", "Default = 3; AtLeast = 5", "isn't as policyc writes it"),
        ("Default = 3", "Default = 3; Exact = $false", "'Exact' isn't"),
        ("Default = 3", "Exact = $true; Default = 3", "beside data without letters"),
        ("Default = 3", "Default = 3; Applies = @{ From = 'x' }", "'Applies' isn't"),
        ("Default = 3", "Default = 3; Applies = 5", "'Applies' isn't"),
        ("Default = 3", "Default = 3; Applies = @{ Role = 'toaster' }", "'Role' isn't"),
        ("Default = 3", "Default = 3; Set = 5", "isn't as policyc writes it"),
        ("Default = 3", "Default = 3; Set = '5'", "data of another kind"),
        ("AtLeast = 5", "NotEquals = 5", "writes nothing"),
        ("AtLeast = 5; Default = 3", "AtLeast = 5; Default = 3; ReportOnly = $true", "never writes"),
    ],
)
def test_a_table_that_policyc_never_wrote_is_refused(old: str, new: str, reason: str) -> None:
    assert old in REMEDIATION
    with pytest.raises(ForeignScriptError, match=reason):
        read_script(REMEDIATION.replace(old, new), Script.REMEDIATION)


def test_a_list_that_is_no_list_is_refused() -> None:
    text = text_of(Script.REMEDIATION, LIST)
    with pytest.raises(ForeignScriptError, match="without its list"):
        read_script(text.replace("@(1, 2)", "1"), Script.REMEDIATION)


def test_an_empty_table_is_refused() -> None:
    start = DISCOVERY.index("    @{ Id")
    with pytest.raises(ForeignScriptError, match="empty"):
        read_script(DISCOVERY[:start] + DISCOVERY[DISCOVERY.index("\n", start) + 1 :], Script.DISCOVERY)


@given(st.integers(0, len(REMEDIATION)), st.integers(0, 40), st.text("'()@{};=$,\nAx1 ", max_size=6))
def test_a_damaged_script_is_read_or_refused(at: int, gone: int, new: str) -> None:
    with contextlib.suppress(ForeignScriptError):
        read_script(REMEDIATION[:at] + new + REMEDIATION[at + gone :], Script.REMEDIATION)
