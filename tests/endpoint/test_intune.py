"""Remediations and custom compliance on a device, read as Intune reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cases import BEYOND_DOTNET, key_path, reported, setting
from endpoint.device import JOURNAL, ROOT, ROOT_32, Device
from endpoint.fuse import with_fuse
from endpoint.intune import LONGEST, Report, judge_compliance, run_remediation
from endpoint.registry import Value, binary, dword, qword, sz
from policyc.artifacts import Build
from policyc.kinds.registry.trees import TREE
from policyc.model import (
    INTUNE,
    Applicability,
    Collection,
    Condition,
    Hive,
    Intune,
    Kind,
    Location,
    Operator,
    Place,
    Project,
    RemoveTree,
    Role,
    Setting,
    View,
)
from policyc.targets.intune import Intune as Target
from registry_settings import altered, registry_setting

pytestmark = pytest.mark.endpoint

ONE = setting("one", Kind.DWORD, Operator.EQUALS, 1, write=1)
TWO = setting("two", Kind.STRING, Operator.EQUALS, "right", write="right")
ONLY = reported(setting("only", Kind.DWORD, Operator.EQUALS, 1))
KEY_ONE, KEY_TWO, KEY_ONLY = key_path(ONE), key_path(TWO), key_path(ONLY)
PROJECT = Project("Estate", "IT", Location("project.yaml"), "8ee4ffd4-acdb-58d3-be46-275fec287ebb")
WAY = Intune(all_devices=True, more_info="https://intranet.example.com/compliance")
LOG = r"C:\Windows\Logs\policyc\policyc-ring-8ee4ffd4.log"
Files = dict[str, Path]


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Files]:
    """The files that a collection with these settings gets, by their path below `intune/`."""

    def write(*settings: Setting, slug: str = "ring", past: tuple[str, ...] = ()) -> Files:
        collection = Collection(
            "Ring",
            slug,
            Location("ring.yaml"),
            settings=settings,
            estate=PROJECT.id,
            targets=(INTUNE,),
            intune=WAY,
            past_kinds=past,
        )
        found = {}
        for one in Target().artifacts(PROJECT, collection, Build()):
            path = tmp_path / one.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(one.content)
            found[one.path.removeprefix(f"{slug}/intune/")] = path
        return found

    return write


def remediate(device: Device, files: Files, key: str = "remediated") -> Report:
    return run_remediation(device, files[f"{key}/detect.ps1"], files.get(f"{key}/remediate.ps1"))


def test_what_holds_starts_nothing(device: Device, written: Callable[..., Files]) -> None:
    device.install({KEY_ONE: {"v": dword(1)}, KEY_TWO: {"v": sz("RIGHT")}})
    assert remediate(device, written(ONE, TWO)) == Report(False, "Compliant", "")


@pytest.mark.parametrize(
    "held", [None, dword(0), qword(1), sz("1"), binary(b"\x01\x00\x00\x00")], ids=["absent", "0", "qword", "text", "binary"]
)
def test_what_fails_is_brought_about(device: Device, written: Callable[..., Files], held: Value | None) -> None:
    device.install({KEY_ONE: {} if held is None else {"v": held}, KEY_TWO: {"v": sz("right")}})
    report = remediate(device, written(ONE, TWO))
    assert report == Report(True, "NonCompliant: one", "", True, True, "Compliant", False)
    assert device.dump(KEY_ONE)[KEY_ONE][KEY_ONE] == {"v": dword(1)}


@pytest.mark.parametrize("kind", BEYOND_DOTNET)
def test_what_cannot_be_judged_starts_nothing(device: Device, written: Callable[..., Files], kind: str) -> None:
    device.install({KEY_ONE: {"v": BEYOND_DOTNET[kind]}, KEY_TWO: {"v": sz("right")}})
    files = written(ONE, TWO)
    assert device.run(files["remediated/detect.ps1"]).exit_code == 2
    assert remediate(device, files) == Report(False, "NotJudged: one", "")


def test_what_fails_is_named_before_what_cannot_be_judged(device: Device, written: Callable[..., Files]) -> None:
    device.install({KEY_ONE: {"v": BEYOND_DOTNET["resource list"]}, KEY_TWO: {"v": sz("wrong")}})
    report = remediate(device, written(ONE, TWO))
    assert report.output == "NonCompliant: two, one (not judged)"
    assert (report.remediated, report.succeeded, report.issue_found_after) == (True, False, False)
    assert (report.output_after, report.error) == ("NotJudged: one", "")
    assert device.dump(KEY_TWO)[KEY_TWO][KEY_TWO] == {"v": sz("right")}


def test_what_is_only_reported_has_a_package_that_changes_nothing(device: Device, written: Callable[..., Files]) -> None:
    device.install({KEY_ONE: {"v": dword(1)}, KEY_ONLY: {"v": dword(5)}})
    files = written(ONE, ONLY)
    assert "reported/remediate.ps1" not in files
    assert remediate(device, files, "reported") == Report(True, "NonCompliant: only", "")
    assert remediate(device, files) == Report(False, "Compliant", "")
    assert device.dump(KEY_ONLY)[KEY_ONLY][KEY_ONLY] == {"v": dword(5)}


def test_the_line_is_cut_between_two_ids(device: Device, written: Callable[..., Files]) -> None:
    many = [altered(ONE, id=f"setting-with-a-rather-long-name-{number:04}") for number in range(200)]
    for settings in (many, many[:49], many[:50], many[:51], many[:52], many[:53], many[:54]):
        answer = device.run(written(*settings)["remediated/detect.ps1"])
        (line,) = answer.lines
        assert (answer.exit_code, answer.stderr) == (1, "")
        assert len(line) <= LONGEST
        names, _, more = line.removeprefix("NonCompliant: ").partition(" and ")
        told = names.split(", ")
        assert told == [one.id for one in settings[: len(told)]]
        assert more == ("" if len(told) == len(settings) else f"{len(settings) - len(told)} more")
        assert len(told) >= min(len(settings), 52)


def test_it_looks_into_the_view_that_the_policy_names(device: Device, written: Callable[..., Files]) -> None:
    """Intune's own default is a 32-bit PowerShell, which would read the other one."""
    of_32 = altered(ONE, id="of-32", place=replace(ONE.subject.place, view=View.BITS_32))
    key_32 = key_path(of_32)
    device.install({KEY_ONE: {"v": dword(1)}, key_32: {"v": dword(0)}})
    assert remediate(device, written(ONE)).output == "Compliant"
    assert remediate(device, written(of_32)).output == "NonCompliant: of-32"
    assert device.dump(ROOT, ROOT_32)[ROOT_32][key_32] == {"v": dword(1)}
    for text in (path.read_text("ascii") for name, path in written(ONE).items() if name.endswith(".ps1")):
        assert '"Registry$View"' in text


def test_a_setting_for_other_devices_is_no_issue(device: Device, written: Callable[..., Files]) -> None:
    for role in Role:
        other = altered(ONE, id=f"for-{role}", applies_to=Applicability(from_build=90000, role=role))
        assert remediate(device, written(other)) == Report(False, "Compliant", "")


def test_a_defect_of_the_script_itself_starts_nothing(device: Device, written: Callable[..., Files]) -> None:
    """PowerShell ends a script that throws with 1, which would be an issue."""
    device.install({KEY_ONE: {"v": dword(0)}})
    for name in ("remediated/detect.ps1", "rollback/detect.ps1"):
        script = written(ONE)[name]
        text = script.read_text("ascii")
        for defect in ('throw "no\nsuch`u{e9} thing"'.replace("`u{e9}", "$([char]0xE9)"), "$null.Length.There()"):
            script.write_text(text.replace("\ntry {\n", f"\ntry {{\n    {defect}\n", 1), encoding="ascii")
            answer = device.run(script)
            (line,) = answer.lines
            assert (answer.exit_code, answer.stderr) == (2, "")
            assert line.startswith("NotJudged: ")
            assert line.isascii()


CONSTRAINED = ("Set-StrictMode -Version 3.0\n", "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'\n")
NOT_ELEVATED = ("function Test-Elevation {\n", "function Test-Elevation {\n    return $false\n")


@pytest.mark.parametrize(("where", "said"), [(CONSTRAINED, "ConstrainedLanguage"), (NOT_ELEVATED, "administrator")])
@pytest.mark.parametrize(
    "name", [f"{key}/{script}.ps1" for key in ("remediated", "rollback") for script in ("detect", "remediate")]
)
def test_where_nothing_can_be_done_nothing_is(
    device: Device, written: Callable[..., Files], name: str, where: tuple[str, str], said: str
) -> None:
    """The reason is output: what a script writes as an error, Intune takes for a defect of it."""
    device.install({KEY_ONE: {"v": dword(7)}})
    files = written(ONE)
    remediate(device, files)
    device.install({KEY_ONE: {"v": dword(5)}})
    before = device.dump(ROOT, JOURNAL)
    text = files[name].read_text("ascii")
    assert text.count(where[0]) == 1
    files[name].write_text(text.replace(*where), encoding="ascii")
    answer = device.run(files[name])
    (line,) = answer.lines
    assert (answer.exit_code, answer.stderr) == (2, "")
    assert line.startswith("NotJudged: ")
    assert said in line
    assert device.dump(ROOT, JOURNAL) == before


@pytest.mark.parametrize("where", [CONSTRAINED, NOT_ELEVATED], ids=["constrained", "not elevated"])
def test_compliance_where_nothing_can_be_judged(device: Device, written: Callable[..., Files], where: tuple[str, str]) -> None:
    script = written(ONE)["compliance/discovery.ps1"]
    text = script.read_text("ascii")
    assert text.count(where[0]) == 1
    script.write_text(text.replace(*where), encoding="ascii")
    answer = device.run(script)
    assert (answer.exit_code, answer.stdout, answer.stderr) == (1, "", "")


def test_the_reasons_are_in_the_log_and_not_in_the_output(device: Device, written: Callable[..., Files]) -> None:
    device.install({KEY_ONE: {"v": dword(7)}})
    secret = altered(TWO, sensitive=True)
    device.install({KEY_TWO: {"v": sz("hunter2")}})
    assert remediate(device, written(ONE, secret)).output == "NonCompliant: one, two"
    log = device.file(LOG).read_text("ascii")
    assert "one: not compliant, " in log
    assert "is 7 [DWord], must be 1 [dword]" in log
    assert "hunter2" not in log


def test_remediation_twice_changes_nothing_more(device: Device, written: Callable[..., Files]) -> None:
    device.install({KEY_ONE: {"v": dword(7)}})
    files = written(ONE)
    remediate(device, files)
    before = device.dump(ROOT, JOURNAL)
    again = device.run(files["remediated/remediate.ps1"])
    assert (again.exit_code, again.lines, again.stderr) == (0, ["Compliant"], "")
    assert device.dump(ROOT, JOURNAL) == before


def test_rollback_restores_and_then_finds_nothing(device: Device, written: Callable[..., Files]) -> None:
    before = {KEY_ONE: {"v": dword(7), "other": sz("stays")}, KEY_TWO: {}}
    device.install(before)
    files = written(ONE, TWO)
    nothing = Report(False, "Nothing of this collection is in the journal", "")
    assert remediate(device, files, "rollback") == nothing
    remediate(device, files)
    # Of another collection nothing is found, though it is in the same journal.
    assert remediate(device, written(ONE, slug="another"), "rollback") == nothing
    report = remediate(device, written(), "rollback")
    assert report == Report(
        True, "Changed: 2 places in the journal", "", True, True, "Nothing of this collection is in the journal", False
    )
    assert device.dump(ROOT)[ROOT] == {ROOT: {}, **before}
    assert not device.dump(JOURNAL)[JOURNAL]


def test_a_key_goes_with_what_is_below_it_and_comes_back(device: Device, written: Callable[..., Files]) -> None:
    place = Place(Hive.MACHINE, View.BITS_64, r"SOFTWARE\policyc-test\tree", None)
    tree = registry_setting(
        "tree", "It is gone", place, Condition(Operator.ABSENT), Location("ring.yaml"), write=RemoveTree(), kind=None
    )
    key = rf"{ROOT}\tree"
    before = {key: {"": sz("x")}, key + r"\a": {}, key + r"\a\b": {"v": dword(1)}, KEY_ONE: {"v": dword(7)}}
    device.install(before)
    files = written(tree, ONE)
    assert remediate(device, files) == Report(True, "NonCompliant: tree, one", "", True, True, "Compliant", False)
    assert device.dump(ROOT)[ROOT] == {ROOT: {}, KEY_ONE: {"v": dword(1)}}
    # With the collection's own settings, and after they have left it: the journal knows all that it needs.
    for package in (files, written(past=(TREE,))):
        remediate(device, files)
        report = remediate(device, package, "rollback")
        assert (report.issue_found, report.succeeded, report.error, report.issue_found_after) == (True, True, "", False)
        assert device.dump(ROOT)[ROOT] == {ROOT: {}, **before}
        assert not device.dump(JOURNAL)[JOURNAL]


def test_rollback_leaves_what_somebody_else_changed(device: Device, written: Callable[..., Files]) -> None:
    device.install({KEY_ONE: {"v": dword(7)}, KEY_TWO: {"v": sz("wrong")}})
    files = written(ONE, TWO)
    remediate(device, files)
    device.install({KEY_ONE: {"v": dword(5)}})
    report = remediate(device, files, "rollback")
    assert (report.succeeded, report.error, report.issue_found_after) == (False, "", True)
    assert report.output_after == "Changed: 1 places in the journal"
    held = device.dump(ROOT)[ROOT]
    assert (held[KEY_ONE], held[KEY_TWO]) == ({"v": dword(5)}, {"v": sz("wrong")})


def test_a_killed_remediation_is_finished_or_taken_back(device: Device, written: Callable[..., Files], tmp_path: Path) -> None:
    files = written(ONE, TWO)
    killed = tmp_path / "killed.ps1"
    text = files["remediated/remediate.ps1"].read_text("ascii")
    killed.write_text(with_fuse(text), encoding="ascii")
    for steps in range(1, 12, 2):
        device.clean()
        device.install({KEY_ONE: {"v": dword(7)}, KEY_TWO: {"v": sz("wrong")}})
        device.run(killed, str(steps))
        rest = device.run(files["rollback/remediate.ps1"])
        assert (rest.exit_code, rest.stderr) == (0, ""), steps
        held = device.dump(ROOT)[ROOT]
        assert (held[KEY_ONE], held[KEY_TWO]) == ({"v": dword(7)}, {"v": sz("wrong")}), steps


def test_a_broken_entry_is_no_issue_and_no_silence(device: Device, written: Callable[..., Files]) -> None:
    device.install({KEY_ONE: {"v": dword(7)}})
    files = written(ONE)
    remediate(device, files)
    entries = [key for key in device.dump(JOURNAL)[JOURNAL] if key.count("\\") == JOURNAL.count("\\") + 2]
    assert entries
    for entry in entries:
        device.install({entry: {"Owners": dword(1)}})
    answer = device.run(files["rollback/detect.ps1"])
    assert (answer.exit_code, answer.stderr) == (2, "")
    assert answer.lines == [f"NotJudged: the journal has broken entries: {len(entries)}"]
    undone = device.run(files["rollback/remediate.ps1"])
    assert (undone.exit_code, undone.stderr) == (6, "")


def compliance(device: Device, files: Files) -> dict[str, str]:
    answer = device.run(files["compliance/discovery.ps1"])
    assert answer.stderr == ""
    return judge_compliance(answer, files["compliance/rules.json"].read_bytes())


@pytest.mark.parametrize(
    ("held", "judged"),
    [(dword(1), "compliant"), (dword(0), "not compliant"), (None, "not compliant"), (BEYOND_DOTNET["resource list"], "65008")],
    ids=["right", "wrong", "absent", "unreadable"],
)
def test_custom_compliance(device: Device, written: Callable[..., Files], held: Value | None, judged: str) -> None:
    device.install({KEY_ONE: {} if held is None else {"v": held}, KEY_TWO: {"v": sz("right")}, KEY_ONLY: {"v": dword(2)}})
    elsewhere = altered(ONE, id="elsewhere", applies_to=Applicability(from_build=90000))
    files = written(ONE, TWO, ONLY, elsewhere)
    before = device.dump(ROOT, JOURNAL)
    expected = {"one": judged, "two": "compliant", "only": "not compliant", "elsewhere": "compliant"}
    assert compliance(device, files) == expected
    assert device.dump(ROOT, JOURNAL) == before


def test_custom_compliance_that_cannot_judge_at_all_fails(device: Device, written: Callable[..., Files]) -> None:
    script = written(ONE)["compliance/discovery.ps1"]
    text = script.read_text("ascii")
    script.write_text(text.replace("\ntry {\n", "\ntry {\n    throw 'no'\n", 1), encoding="ascii")
    answer = device.run(script)
    assert (answer.exit_code, answer.stdout, answer.stderr) == (1, "", "")


def test_files_are_ascii_and_small(written: Callable[..., Files]) -> None:
    settings: Sequence[Setting] = [altered(ONE, id=f"s{number}", title="Ümlaut \u2028") for number in range(3000)]
    files = written(*settings)
    scripts = {name: path.read_bytes() for name, path in files.items() if name.endswith(".ps1")}
    sizes = {name: len(text) for name, text in scripts.items() if "remediated" in name}
    assert all(text.isascii() for text in scripts.values())
    assert [name for name, size in sizes.items() if not 1 <= size <= 200_000] == []
    assert "remediated-2/detect.ps1" in scripts
