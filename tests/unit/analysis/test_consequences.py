"""PC0434 and PC0435: data that does more, or less, than the value shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policyc.analysis.consequences import consequences
from policyc.diagnostics import Diagnostic
from policyc.model import Collection, DeleteValue, Operator, Setting, SetValue, View
from registry_settings import altered
from unit.analysis.estates import CONTEXT, collection, project, setting

LSA = r"SYSTEM\CurrentControlSet\Control\Lsa"
GUARD = r"SYSTEM\CurrentControlSet\Control\DeviceGuard"
POLICY = r"SOFTWARE\Policies\Microsoft\Windows\DeviceGuard"
DEFENDER = r"SOFTWARE\Policies\Microsoft\Windows Defender"


def find(*collections: Collection) -> list[Diagnostic]:
    return list(consequences(project(*collections), CONTEXT))


def value(key: str, name: str, data: int) -> Setting:
    return setting("it", Operator.EQUALS, data, key=key, name=name)


@pytest.mark.parametrize(
    ("key", "name", "locked", "free"),
    [
        (LSA, "LsaCfgFlags", 1, 2),
        (LSA.upper(), "runasppl", 1, 2),
        (POLICY, "LsaCfgFlags", 1, 2),
        (POLICY, "HypervisorEnforcedCodeIntegrity", 1, 2),
        (GUARD, "Locked", 1, 0),
        (GUARD + r"\Scenarios\HypervisorEnforcedCodeIntegrity", "Locked", 1, 0),
    ],
)
def test_what_the_firmware_keeps(key: str, name: str, locked: int, free: int) -> None:
    (found,) = find(collection("A", settings=(value(key, name, locked),)))
    assert (found.code, found.level) == ("PC0435", "note")
    assert "UEFI firmware" in found.message
    assert f"write {free} for the same" in (found.help or "")
    assert find(collection("A", settings=(value(key, name, free),))) == []


def test_what_isnt_written_locks_nothing() -> None:
    one = value(LSA, "RunAsPPL", 1)
    written = altered(
        one, condition=replace(one.subject.condition, operator=Operator.ONE_OF, operands=(1, 2)), write=SetValue(1)
    )
    silent = [
        altered(one, write=None),
        altered(one, write=DeleteValue()),
        altered(one, place=replace(one.subject.place, view=View.BITS_32)),
    ]
    assert [found.code for found in find(collection("A", settings=(written,)))] == ["PC0435"]
    assert find(collection("A", settings=tuple(silent))) == []
    assert find(collection("A", settings=(value(LSA + r"\Other", "RunAsPPL", 1),))) == []


def test_a_baselines_setting_is_told_of_once() -> None:
    shared = value(LSA, "RunAsPPL", 1)
    assert len(find(collection("A", settings=(shared,)), collection("B", settings=(shared,)))) == 1


@pytest.mark.parametrize("data", [0, 1])
def test_what_nothing_heeds(data: int) -> None:
    one = value(DEFENDER, "DisableAntiSpyware", data)
    (found,) = find(collection("A", settings=(one,)))
    assert (found.code, found.level) == ("PC0434", "warning")
    assert "4.18.2007.8" in found.message
    assert find(collection("A", settings=(altered(one, write=DeleteValue()),))) == []


def test_where_the_vocabulary_says_more_it_is_silent() -> None:
    assert find(collection("A", "onboarded", settings=(value(DEFENDER, "DisableAntiSpyware", 1),))) == []
