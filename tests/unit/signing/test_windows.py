"""Signing on Windows: what the PowerShell script does, with functions in place of the certificate store and its cmdlet."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from endpoint.engine import Session
from policyc.powershell import render
from policyc.signing import SigningError, seal_of
from policyc.signing.windows import WindowsSigner
from unit.signing.making import Authority, make_cabinet
from unit.signing.verifying import cabinet_parts, is_genuine, script_parts

pytestmark = [
    pytest.mark.powershell,
    pytest.mark.skipif(os.name == "nt", reason="on Windows itself: the certificate store would be changed"),
]

STORE = r"""
function Test-Path { param([string] $LiteralPath) $LiteralPath -eq 'Cert:\@store@\My\@thumbprint@' }
function Get-Item { param([string] $LiteralPath) [pscustomobject] @{ Subject = 'leaf'; HasPrivateKey = $@key@ } }
function Set-AuthenticodeSignature {
    param([string] $LiteralPath, $Certificate, [string] $HashAlgorithm, [string] $IncludeChain, [string] $TimestampServer)
    [IO.File]::AppendAllText('@log@', "$($Certificate.Subject) $HashAlgorithm $IncludeChain $TimestampServer`n")
    @act@
    [pscustomobject] @{
        Status = 'UnknownError'; TimeStamperCertificate = @stamp@
        StatusMessage = "A certificate chain processed,`r`nbut terminated in a root certificate which is not trusted."
    }
}
"""
SIGN = r"""
    & '@tool@' sign -certs '@certificate@' -key '@sign_key@' -h sha256 -in $LiteralPath -out "$LiteralPath.signed" | Out-Null
    [IO.File]::Move("$LiteralPath.signed", $LiteralPath, $true)
"""
POWERSHELL = """#!{python}
import base64, pathlib, subprocess, sys
command = pathlib.Path(__file__).parent
store, engine = (command / "store.ps1").read_text(), (command / "engine").read_text().split("\\0")
(command / "options").write_text(" ".join(sys.argv[1:-1]))
script = base64.b64decode(sys.argv[-1]).decode("utf-16-le")
(command / "run.ps1").write_text(store + script)
sys.exit(subprocess.run([*engine, "-NoProfile", "-NonInteractive", "-File", command / "run.ps1"]).returncode)
"""


class Machine:
    """A machine with a PowerShell and a store of certificates."""

    def __init__(self, folder: Path, session: Session, authority: Authority, tool: Path) -> None:
        self.folder = folder
        self.authority = authority
        self.tool = tool
        folder.mkdir()
        (folder / "engine").write_text("\0".join(session.command), encoding="utf-8")
        self.powershell = folder / "powershell.exe"
        self.powershell.write_text(POWERSHELL.format(python=sys.executable), encoding="utf-8")
        self.powershell.chmod(0o755)
        self.store()

    def store(self, *, store: str = "CurrentUser", key: str = "true", act: str = SIGN, stamp: str = "$null") -> None:
        text = STORE.replace("@act@", act)
        values = {
            "store": store,
            "key": key,
            "stamp": stamp,
            "thumbprint": self.authority.thumbprint,
            "log": self.folder / "log",
            "tool": self.tool,
            "certificate": self.authority.certificate,
            "sign_key": self.authority.key,
        }
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        (self.folder / "store.ps1").write_text(text, encoding="utf-8")

    @property
    def log(self) -> list[str]:
        log = self.folder / "log"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []

    def signer(self, timestamp: str | None = None) -> WindowsSigner:
        return WindowsSigner(self.powershell, self.authority.thumbprint, timestamp)


@pytest.fixture
def machine(powershell: Session, authority: Authority, tool: Path, tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine", powershell, authority, tool)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "it's $(here)"
    folder.mkdir()
    contents = {"a.ps1": b"exit 0\n", "\u00fc b.ps1": b"exit 1\r\n", "a.cab": make_cabinet(item=b"x")}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


@pytest.mark.parametrize("store", ["CurrentUser", "LocalMachine"])
def test_all_files_in_one_process(store: str, machine: Machine, files: list[Path], tmp_path: Path) -> None:
    machine.store(store=store)
    before = [file.read_bytes() for file in files]
    signer = machine.signer()
    signer.sign(files)
    assert [seal_of(file, file.read_bytes()).unsigned for file in files] == before
    assert is_genuine(script_parts(files[0].read_bytes()), machine.authority.root, tmp_path)
    assert is_genuine(cabinet_parts(files[2].read_bytes()), machine.authority.root, tmp_path)
    assert machine.log == ["leaf SHA256 NotRoot "] * 3
    assert "-NonInteractive -ExecutionPolicy Bypass" in (machine.folder / "options").read_text(encoding="utf-8")
    assert "POLICYC_SIGN_TIMESTAMP" in signer.warnings[0]


def test_no_file_starts_no_process(tmp_path: Path) -> None:
    WindowsSigner(tmp_path / "none", "A" * 40).sign([])


@pytest.mark.parametrize(
    ("store", "words"),
    [
        ({"store": "None"}, "no certificate [0-9A-F]{40} in the personal store"),
        ({"key": "false"}, "its private key is not on this machine"),
        ({"act": "throw 'the card was taken out'"}, "PowerShell says: the card was taken out"),
        ({"act": ""}, "Set-AuthenticodeSignature says: UnknownError: A certificate chain processed, but terminated"),
        ({"act": "exit 7"}, "nothing is signed, PowerShell says: it gave no reason"),
    ],
    ids=lambda value: "",
)
def test_what_fails_changes_nothing(store: dict[str, str], words: str, machine: Machine, files: list[Path]) -> None:
    machine.store(**store)
    before = [file.read_bytes() for file in files]
    with pytest.raises(SigningError, match=words):
        machine.signer().sign(files)
    assert [file.read_bytes() for file in files] == before
    assert {file.name for file in files[0].parent.iterdir()} == {file.name for file in files}


def test_a_signature_must_have_its_time_stamp(machine: Machine, files: list[Path]) -> None:
    before = [file.read_bytes() for file in files]
    with pytest.raises(SigningError, match="the signature has no time stamp"):
        machine.signer("http://time.example.com/it's").sign(files)
    assert machine.log == ["leaf SHA256 NotRoot http://time.example.com/it's"] * 9
    assert [file.read_bytes() for file in files] == before


def test_one_that_comes_is_asked_for_once(machine: Machine, files: list[Path]) -> None:
    machine.store(stamp="'somebody'")
    with pytest.raises(SigningError, match="no time stamp"):
        machine.signer("http://time.example.com").sign(files)
    assert len(machine.log) == 3


def test_a_powershell_that_can_not_be_started(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="can't be started"):
        WindowsSigner(tmp_path / "none", "A" * 40).sign(files)


def test_a_powershell_that_hangs(machine: Machine, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    machine.powershell.write_text(f"#!{sys.executable}\nimport time; time.sleep(20)\n", encoding="utf-8")
    monkeypatch.setattr("policyc.signing.windows._SECONDS", -2)
    with pytest.raises(SigningError, match="gave no answer in 1 s"):
        machine.signer().sign(files)


def test_the_script_suits_windows_powershell_5_1(powershell: Session, tmp_path: Path) -> None:
    if not powershell.serves:
        pytest.skip("no PSScriptAnalyzer in this engine")
    script = tmp_path / "sign.ps1"
    values = {"files": "a.txt", "answers": "b.txt", "thumbprint": "A" * 40, "timestamp": None}
    script.write_text(render("site/sign.ps1.j2", **values), encoding="ascii")
    settings = Path(__file__).resolve().parents[2] / "endpoint" / "windows-powershell-5.1.psd1"
    found = powershell.tool("-Analyze", "-Settings", powershell.path(settings), powershell.path(script))
    assert (found.returncode, found.stdout.strip(), found.stderr.strip()) == (0, "", "")
