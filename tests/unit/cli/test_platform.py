"""What differs between systems and must not show: line ends, code pages, drives, forms of a path, names without case."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from policyc.cli.app import main
from policyc.diagnostics.pages import codes
from unit.cli.conftest import Policyc, collection

pytestmark = pytest.mark.windows
on_windows = pytest.mark.skipif(os.name != "nt", reason="paths of Windows")
TESTS = Path(__file__).resolve().parents[2]
CASES = sorted(folder.name for folder in (TESTS / "golden").iterdir() if (folder / "policies").is_dir())


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def to_crlf(folder: Path) -> int:
    """What git makes of a checkout with core.autocrlf, where no .gitattributes says otherwise; how many files it changed."""
    changed = 0
    for file in folder.rglob("*"):
        if file.is_file() and b"\0" not in (content := file.read_bytes()) and b"\n" in content:
            file.write_bytes(content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            changed += 1
    return changed


def test_policies_with_crlf_give_the_same_bytes(policyc: Policyc, project: Path) -> None:
    text = collection("Servers", "deny-lm", 5) + "    why: |\n      One line,\n      and another.\n"
    (project / "policies" / "servers.yaml").write_bytes(text.encode())
    assert policyc("compile").code == 0
    before = tree(project / "output")
    assert to_crlf(project / "policies") == 3
    answer = policyc("compile", "--check")
    assert (answer.code, answer.err) == (0, "")
    assert policyc("compile", "--output", "again").code == 0
    assert tree(project / "again") == before


def test_an_output_with_crlf_is_told_and_mended(policyc: Policyc, project: Path) -> None:
    assert policyc("compile").code == 0
    before = tree(project / "output")
    assert to_crlf(project / "output")
    answer = policyc("compile", "--check")
    assert answer.code == 1
    assert "error[PC0612]" in answer.err
    assert "PC0607" not in answer.err, "still policyc's own files"
    assert policyc("compile").code == 0
    assert tree(project / "output") == before
    assert policyc("compile", "--check").code == 0


class Console:
    """Standard output and error in a code page that lacks most characters, as a Windows console or a pipe has it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
        self.monkeypatch = monkeypatch
        self.encoding = encoding

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """Exit code, and all that was said."""
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding=self.encoding, errors="strict", newline="", write_through=True)
        with self.monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stream)
            patch.setattr(sys, "stderr", stream)
            patch.setattr(sys, "argv", ["policyc", *arguments])
            with pytest.raises(SystemExit) as end:
                main()
        stream.flush()
        return int(end.value.code or 0), raw.getvalue().decode(self.encoding)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Console:
    monkeypatch.chdir(tmp_path)
    return Console(monkeypatch, "cp1252")


@pytest.mark.parametrize("case", CASES)
def test_each_finding_can_be_said_in_a_code_page(console: Console, case: str) -> None:
    code, said = console("compile", "--policies", str(TESTS / "golden" / case / "policies"), "--as-of", "2026-01-31")
    assert code in (0, 1), said
    assert "defect" not in said


@pytest.mark.parametrize("encoding", ["cp437", "cp932", "ascii"])
def test_hostile_text_can_be_said_in_any(console: Console, encoding: str) -> None:
    console.encoding = encoding
    for command in ("validate", "show", "compile"):
        arguments = ["Hostile text"] if command == "show" else []
        code, said = console(command, *arguments, "--policies", str(TESTS / "golden" / "hostile-text" / "policies"))
        assert code in (0, 1, 2), said
        assert "defect" not in said


def test_each_page_can_be_shown_in_a_code_page(console: Console) -> None:
    for code in codes():
        assert console("explain", code)[0] == 0


def test_foreign_letters_are_escaped_and_not_lost(console: Console, project: Path) -> None:
    name = "\u041f\u0438\u043b\u043e\u0442 \U0001f600"
    text = collection("Pilot", "deny-lm", 5).replace("name: Pilot", f"name: {name}")
    (project / "policies" / "pilot.yaml").write_text(text, encoding="utf-8")
    code, said = console("show", name)
    assert code == 0, said
    assert r"\u041f\u0438\u043b\u043e\u0442 \U0001f600" in said


def test_a_pipe_in_the_systems_code_page(project: Path) -> None:
    """A program of its own, as PowerShell would read it."""
    (project / "policies" / "pilot.yaml").write_text(collection("\u041f\u0438\u043b\u043e\u0442", "x", -1), encoding="utf-8")
    surroundings = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    if os.name != "nt":
        surroundings["PYTHONPATH"] = os.pathsep.join(sys.path)
    answer = subprocess.run(
        [sys.executable, "-m", "policyc", "validate"], env=surroundings, capture_output=True, timeout=120, check=False
    )
    assert answer.returncode == 1
    assert b"policies/pilot.yaml" in answer.stderr
    assert b"Traceback" not in answer.stderr


@pytest.mark.parametrize("name", ["con", "AUX", "com1", "Lpt9", "nul", "prn"])
def test_a_collection_named_like_a_device(policyc: Policyc, project: Path, name: str) -> None:
    (project / "policies" / "one.yaml").write_text(collection(name, "deny-lm", 5), encoding="utf-8")
    answer = policyc("compile")
    assert answer.code == 1
    assert "policies/one.yaml" in answer.err
    assert not (project / "output" / "pilot").exists(), "nothing was written"


def test_collections_that_differ_in_case_alone(policyc: Policyc, project: Path) -> None:
    (project / "policies" / "one.yaml").write_text(collection("PILOT", "deny-lm", 5), encoding="utf-8")
    answer = policyc("compile")
    assert answer.code == 1
    assert "'PILOT'" in answer.err
    assert not (project / "output").exists()


@on_windows
@pytest.mark.parametrize("form", ["{}", "\\\\?\\{}", "{}\\", "{}\\..\\policies", "{drive}policies"])
def test_policies_in_any_form_of_a_path(policyc: Policyc, project: Path, form: str) -> None:
    assert policyc("compile").code == 0
    before = tree(project / "output")
    policies = form.format(project / "policies", drive=project.drive)
    answer = policyc("compile", "--policies", policies, "--output", str(project / "again"))
    assert (answer.code, answer.err) == (0, "")
    assert tree(project / "again") == before
    answer = policyc("validate", "--policies", policies, "--format", "sarif")
    assert answer.code == 0


@on_windows
def test_policies_on_another_drive(policyc: Policyc, project: Path) -> None:
    """The checkout is there, and no relative path leads to it."""
    elsewhere = TESTS / "golden" / "every-kind" / "policies"
    if elsewhere.drive.upper() == Path.cwd().drive.upper():
        pytest.skip("the checkout and the folder for scratch are on one drive")
    day = ("--as-of", "2026-01-31")
    assert policyc("compile", "--policies", elsewhere, *day).code == 0
    assert policyc("compile", "--policies", elsewhere, "--check", *day).code == 0
    first = next(elsewhere.glob("[!p]*.yaml"))
    assert policyc("compile", "--policies", elsewhere, *day, first).code == 0
    for shape in ("json", "sarif", "junit", "github"):
        assert policyc("validate", "--policies", elsewhere, "--format", shape, *day).code == 0
    broken = TESTS / "golden" / "findings-collision" / "policies"
    answer = policyc("validate", "--policies", broken)
    assert answer.code == 1
    assert f"--> {broken.as_posix()}" in answer.err
    (project / "some.reg").write_bytes(b"Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\r\n")
    (project / "state.yaml").write_text("machine: {}\n", encoding="utf-8")
    answer = policyc("simulate", "--policies", elsewhere, "--state", "no-such.yaml", "Every kind")
    assert answer.code in (1, 2)
    assert "defect" not in answer.err


@on_windows
def test_a_share_that_is_not_there_is_a_finding(policyc: Policyc, project: Path) -> None:
    share = "\\\\localhost\\no-such-share\\policies"
    answer = policyc("validate", "--policies", share)
    assert answer.code in (1, 2)
    assert "defect" not in answer.err
    answer = policyc("compile", "--output", "\\\\localhost\\no-such-share\\output")
    assert answer.code == 1
    assert "error[PC06" in answer.err


def test_a_policies_folder_deeper_than_windows_takes_is_a_finding(policyc: Policyc, project: Path) -> None:
    answer = policyc("compile", "--output", "a" * 300)
    assert answer.code == 1
    assert "error[PC0603]" in answer.err
