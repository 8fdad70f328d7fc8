"""The report of what is left behind, on an endpoint: what it says of every kind of journal, and that it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from endpoint.cases import setting, write_scripts
from endpoint.device import JOURNAL, Device, Run
from endpoint.journal import ENTRIES, ESTATE, OLDER, OTHER_ESTATE, entries, owned
from endpoint.registry import Value, multi_sz, sz
from policyc.model import Kind, Operator, derived_id
from policyc.powershell.left_behind import left_behind_script
from policyc.powershell.scripts import Script

pytestmark = pytest.mark.endpoint

ONE = setting("one", Kind.DWORD, Operator.EQUALS, 1, write=1)
TWO = setting("two", Kind.STRING, Operator.EQUALS, "right", write="right")
KNOWN_USER = "S-1-5-21-1-2-3-1001"


def remediated(folder: Path, owner: str, *settings: object) -> Path:
    """A remediation of this owner."""
    folder.mkdir()
    return owned(write_scripts(folder, settings or (ONE,), "test")[Script.REMEDIATION], owner)  # type: ignore[arg-type]


def report(folder: Path, *departed: str, estate: str = ESTATE) -> Path:
    """The report of a project."""
    path = folder / "report.ps1"
    path.write_bytes(left_behind_script(estate, "project.yaml", departed))
    return path


def said(device: Device, script: Path, *first: Path, damage: Mapping[str, Value | None] | None = None) -> Run:
    """What the report says after these scripts, which it leaves as they were."""
    batch = device.batch()
    runs = [batch.run(one) for one in first]
    batch.execute()
    assert [run.failure for run in runs] == [None] * len(first)
    if damage is not None:
        batch = device.batch()
        for at in entries(device.dump(JOURNAL)[JOURNAL]):
            for name, content in damage.items():
                if content is None:
                    batch.unset(rf"{ENTRIES}\{at}", name)
                else:
                    batch.value(rf"{ENTRIES}\{at}", name, content)
        batch.execute()
    before = device.dump(JOURNAL)
    batch = device.batch()
    run = batch.run(script)
    batch.execute()
    assert device.dump(JOURNAL) == before
    return run


def test_no_journal_is_compliant(device: Device, tmp_path: Path) -> None:
    run = said(device, report(tmp_path, "old-ring"))
    assert (run.said, run.failure) == (["Compliant"], None)


@pytest.mark.parametrize(
    ("owners", "line"),
    [
        (("ring",), "Compliant; others: ring"),
        (("old-ring",), "NonCompliant: old-ring"),
        (("ring", "old-ring", "older-ring"), "NonCompliant: old-ring, older-ring; others: ring"),
    ],
)
def test_owners_of_this_project_are_named(device: Device, tmp_path: Path, owners: tuple[str, ...], line: str) -> None:
    scripts = [remediated(tmp_path / one, f"{ESTATE}/{one}") for one in owners]
    run = said(device, report(tmp_path, "old-ring", "older-ring"), *scripts)
    assert (run.said, run.failure) == ([line], None)


def test_another_project_is_none_of_ours(device: Device, tmp_path: Path) -> None:
    run = said(device, report(tmp_path, "old-ring"), remediated(tmp_path / "a", f"{OTHER_ESTATE}/old-ring"))
    assert run.said == ["Compliant"]


def test_owners_from_before_there_were_ids(device: Device, tmp_path: Path) -> None:
    estate = derived_id("Example estate")
    own = report(tmp_path, "test", estate=estate)
    assert said(device, own, OLDER / "remediation.ps1").said == ["NonCompliant: test"]
    assert said(device, report(tmp_path, "test")).said == ["Compliant"]


def test_what_is_rolled_back_is_no_longer_left(device: Device, tmp_path: Path) -> None:
    script = report(tmp_path, "old-ring")
    assert said(device, script, remediated(tmp_path / "a", f"{ESTATE}/old-ring")).said == ["NonCompliant: old-ring"]
    rollback = owned(write_scripts(tmp_path, (), "test")[Script.ROLLBACK], f"{ESTATE}/old-ring")
    assert device.run(rollback).exit_code == 0
    assert said(device, script).said == ["Compliant"]


class TestBroken:
    """An entry of which nobody can say whose it is is an error, and no reason to hide what is known."""

    @pytest.mark.parametrize(
        "damage", [{"Owners": None}, {"Owners": sz("x")}, {"Owners": multi_sz("a", "b")}, {"Complete": None}]
    )
    def test_it_throws(self, device: Device, tmp_path: Path, damage: dict[str, Value | None]) -> None:
        run = said(device, report(tmp_path, "old-ring"), remediated(tmp_path / "a", f"{ESTATE}/ring"), damage=damage)
        assert run.failure is not None
        assert "does not say whose it is" in run.failure
        assert run.out == []

    def test_what_is_known_is_said(self, device: Device, tmp_path: Path) -> None:
        first = remediated(tmp_path / "a", f"{ESTATE}/ring", TWO)
        said(device, report(tmp_path, "old-ring"), first, damage={"Owners": None})
        run = said(device, report(tmp_path, "old-ring"), remediated(tmp_path / "b", f"{ESTATE}/old-ring"))
        assert run.said == ["NonCompliant: old-ring"]

    def test_other_damage_leaves_its_owners(self, device: Device, tmp_path: Path) -> None:
        damage = {"Previous": sz("x"), "Seal": sz("2:0")}
        run = said(device, report(tmp_path, "old-ring"), remediated(tmp_path / "a", f"{ESTATE}/old-ring"), damage=damage)
        assert run.said == ["NonCompliant: old-ring"]


def test_a_line_is_bounded(device: Device, tmp_path: Path) -> None:
    """Names that have no room are counted."""
    names = [f"old-ring-{number:02}-{'x' * 40}" for number in range(40)]
    scripts = [remediated(tmp_path / "0", f"{ESTATE}/{names[0]}")]
    for number, name in enumerate(names[1:], 1):
        scripts.append(remediated(tmp_path / str(number), f"{ESTATE}/{name}"))
    run = said(device, report(tmp_path, *names), *scripts)
    [line] = run.said
    assert len(line) <= 1000
    shown = line.removeprefix("NonCompliant: ").split(", ")
    assert shown[:-1] == names[: len(shown) - 1]
    assert shown[-1] == f"{40 - len(shown) + 1} more"
