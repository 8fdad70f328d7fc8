"""Own scripts in the compiler: files beside a policy, what is wrong with their texts, what a changed text changes."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from policyc.diagnostics import Diagnostic
from policyc.driver.check import Checked, check
from policyc.evaluation import ABSENT, UNREADABLE, Held, Verdict
from policyc.evaluation.device import Device, Draft
from policyc.kinds.script import ScriptKind
from policyc.kinds.script.subject import OwnScript
from policyc.kinds.script.tokens import read
from policyc.model import Kind, Setting
from policyc.plan.settings import setting_change
from policyc.simulation.outcomes import remediated, simulate
from policyc.simulation.rollback import rolled_back

TOP = Path(__file__).resolve().parents[4]
PROJECT = "project: {name: Own, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
WORDS = "discovery: find.ps1, expect: 'On'"


def checked(folder: Path, words: str = WORDS, files: dict[str, bytes] | None = None) -> Checked:
    folder.mkdir(parents=True, exist_ok=True)
    policy = f"collection: {{name: Pilot}}\nsettings:\n  one:\n    title: x\n    script: {{{words}}}\n"
    (folder / "project.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "pilot.yaml").write_text(policy, encoding="utf-8")
    for name, content in {"find.ps1": b"'On'\n", **(files or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return check(folder, date(2026, 1, 31))


def errors(of: Checked) -> list[Diagnostic]:
    return [one for one in of.diagnostics if one.is_error]


def setting(of: Checked) -> Setting:
    assert errors(of) == []
    return of.collections[0].settings[0]


def subject(of: Checked) -> OwnScript:
    found = setting(of).subject
    assert isinstance(found, OwnScript)
    return found


@pytest.mark.parametrize("content", [b"'On'\n", b"'On'\r\n", b"\xef\xbb\xbf'On'\r\n"])
def test_a_checkout_changes_no_text(tmp_path: Path, content: bytes) -> None:
    text = subject(checked(tmp_path, files={"find.ps1": content})).discovery
    assert (text.content, text.sha256, text.file) == (b"'On'\n", sha256(b"'On'\n").hexdigest(), "find.ps1")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../find.ps1", "PC1601"),
        ("/etc/find.ps1", "PC1601"),
        ("C:/find.ps1", "PC1601"),
        ("a/../find.ps1", "PC1601"),
        (".hidden/find.ps1", "PC1601"),
        ("find.ps1 ", "PC1601"),
        ("find$(exit).ps1", "PC1601"),
        ("find'.ps1", "PC1601"),
        ("FIND.ps1", "PC1602"),
        ("none.ps1", "PC1602"),
        ("folder.ps1", "PC1602"),
    ],
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "folder.ps1").mkdir()
    found = errors(checked(tmp_path, 'discovery: "' + name + "\", expect: 'On'"))
    assert [one.code for one in found] == [code]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("'On'\n", encoding="ascii")
    policies = tmp_path / "policies"
    policies.mkdir()
    try:
        (policies / "link.ps1").symlink_to(tmp_path / "secret")
    except OSError:
        pytest.skip("no links here")
    found = errors(checked(policies, "discovery: link.ps1, expect: 'On'"))
    assert "PC1602" in {one.code for one in found}


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "PC1602"), (b"'x'\n" * 9000, "PC1602"), (b"\xff\xfe'\0", "PC1602"), (b"'\x1b'\n", "PC1603"), (b"'On'\r", "PC1603")],
)
def test_contents_that_no_device_gets(tmp_path: Path, content: bytes, code: str) -> None:
    assert [one.code for one in errors(checked(tmp_path, files={"find.ps1": content}))] == [code]


def test_a_finding_stands_in_the_text(tmp_path: Path) -> None:
    [found] = errors(checked(tmp_path, files={"find.ps1": b"# fine\nif ($true) {\n  'On'\n"}))
    assert (found.code, found.location.file, found.location.line, found.location.column) == ("PC1604", "find.ps1", 2, 12)


@pytest.mark.parametrize("file", sorted((TOP / "compiler").rglob("*.ps1")), ids=lambda file: file.name)
def test_what_powershell_parses_has_no_fault(file: Path) -> None:
    assert read(file.read_text("ascii"))[0] is None


@pytest.mark.parametrize("text", ["'", '"', "@'\n'", "<#", "(", "}", "${a", '"$(")', "if (1) { ) }"])
def test_what_is_not_closed(text: str) -> None:
    assert read(text)[0] is not None


def test_exit_counts_where_a_statement_begins() -> None:
    text = "exit 1\n$exit = 2\nGet-Exit 3\n'exit 4' # exit 5\nif ($a) { exit 6 }\n\"$(exit 7)\"\nwrite exit 8\n"
    assert [one.code for one in read(text)[1]] == ["1", "6", "7"]


def test_a_changed_text_is_marked_for_review(tmp_path: Path) -> None:
    more = f"{WORDS}, remediation: do.ps1, rollback: back.ps1"
    files = {"do.ps1": b"'a'\n", "back.ps1": b"'b'\n"}
    before = setting(checked(tmp_path / "before", more, files))
    after = setting(checked(tmp_path / "after", more, {**files, "do.ps1": b"'other'\n"}))
    [word] = setting_change(before, after)
    assert (word.word, word.note) == ("remediation", "read the new text: it runs as SYSTEM")


def test_verdicts_and_what_comes_back(tmp_path: Path) -> None:
    kind, own = ScriptKind(), subject(checked(tmp_path, f"{WORDS}, remediation: find.ps1"))
    on, off = Held(Kind.STRING, "On"), Held(Kind.STRING, "on")
    said = [kind.verdict(own, state) for state in (on, off, ABSENT, UNREADABLE)]
    assert said == [Verdict.COMPLIANT, Verdict.NON_COMPLIANT, Verdict.NON_COMPLIANT, Verdict.ERROR]
    assert kind.after(own, ABSENT) == on
    # Without a rollback script everything stays.
    assert kind.undone(own, off, on) == on
    assert kind.bounded(own) is False


@pytest.mark.parametrize(("more", "back"), [("", False), (", rollback: find.ps1", True)])
@pytest.mark.parametrize("force", [False, True])
def test_a_rollback_gives_back_what_has_a_script_for_it(tmp_path: Path, more: str, *, back: bool, force: bool) -> None:
    """Without one, what was written stays and is told, until somebody has brought it back by hand."""
    one = setting(checked(tmp_path, f"{WORDS}, remediation: find.ps1{more}"))
    before, other = device(one, "Off"), device(one, "Else")
    outcomes = simulate([one], before)
    after = remediated(before, outcomes)
    for now in (after, other):
        undone = rolled_back(before, outcomes, now, force=force)
        given_back = back and (force or now is after)
        assert (undone.device, len(undone.left)) == ((before, 0) if given_back else (now, 1))
    assert rolled_back(before, outcomes, before, force=force).left == ()


def device(one: Setting, printed: str) -> Device:
    draft = Draft()
    draft.put(one.subject.place, None, Held(Kind.STRING, printed))
    return draft.device()


def test_only_a_text_that_changes_something_goes_to_the_device(tmp_path: Path) -> None:
    own = subject(checked(tmp_path, WORDS))
    assert (own.writes, list(own.carried)) == (False, ["discovery"])
