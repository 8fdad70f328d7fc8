"""Signing with osslsigncode, looked at by openssl."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from endpoint.engine import Session
from policyc.signing import SigningError, seal_of, without_signature
from policyc.signing.ossl import OsslSigner
from policyc.targets.configmgr.digest.cabinet import open_cabinet
from unit.signing.making import PASSWORD, Authority, make_cabinet
from unit.signing.verifying import cabinet_parts, is_genuine, script_parts

TOP = Path(__file__).resolve().parents[3]
DETECT = (TOP / "output" / "workstation-hardening" / "scripts" / "detect.ps1").read_bytes()
SHAPES = {
    "small": b"# a\n",
    "unix": b"Write-Output 'a'\nexit 0\n",
    "windows": b"Write-Output 'a'\r\nexit 0\r\n",
    "mixed": b"'a'\r\n'b'\n'c'\r'd'",
    "no line end": b"exit 0",
    "blank lines": b"exit 0\n\n\r\n\n",
    "ends in a carriage return": b"exit 0\r",
    "large": b"".join(b"Write-Output 'line %d'\n" % number for number in range(1300)),
    "one long line": b"# " + b"x" * 30_000 + b"\n",
    "talks of signatures": b"# # SIG # Begin signature block\n'# SIG # End signature block'\n",
    "detect": DETECT,
}
WRITTEN_WITH_BLOCK = b"a\r\n# SIG # Begin signature block\r\n# QUJD\r\n# SIG # End signature block\r\nb\r\n"

posix_only = pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the tool")


def put(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(content)
    return file


def entries(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_scripts_of_all_shapes(signer: OsslSigner, authority: Authority, tmp_path: Path) -> None:
    files = {name: put(tmp_path / "scripts", f"{name}.ps1", content) for name, content in SHAPES.items()}
    assert len(SHAPES["large"]) > 30_000
    signer.sign(list(files.values()))
    for name, file in files.items():
        signed = file.read_bytes()
        assert signed.startswith(SHAPES[name] + b"\r\n# SIG # Begin signature block\r\n")
        assert without_signature(signed) == SHAPES[name]
        assert is_genuine(script_parts(signed), authority.root, tmp_path), name
        assert not is_genuine(script_parts(b"#" + signed), authority.root, tmp_path), name
        seal = seal_of(file, signed)
        assert (seal.identity, seal.timestamped, seal.unsigned) == (authority.thumbprint, False, SHAPES[name])
        assert seal_of(file, b"#" + signed) is None
    assert entries(tmp_path / "scripts") == {f"{name}.ps1" for name in SHAPES}


@pytest.mark.parametrize(
    "content",
    [
        make_cabinet(**{"item.xml": b"<a/>" * 100, "item.en-US.resx": b"<b/>"}),
        make_cabinet(item=b"x"),
        make_cabinet(**{f"{number}.xml": bytes(range(number, 200)) * 100 for number in range(4)}),
    ],
    ids=["two files", "one byte", "several blocks"],
)
def test_cabinets(content: bytes, signer: OsslSigner, authority: Authority, tmp_path: Path) -> None:
    file = put(tmp_path / "cabinets", "item.cab", content)
    signer.sign([file])
    signed = file.read_bytes()
    seal = seal_of(file, signed)
    assert (seal.identity, seal.unsigned) == (authority.thumbprint, content)
    assert open_cabinet(signed) == open_cabinet(content)
    assert is_genuine(cabinet_parts(signed), authority.root, tmp_path)
    changed = bytearray(signed)
    changed[70] ^= 1
    assert not is_genuine(cabinet_parts(bytes(changed)), authority.root, tmp_path)
    assert seal_of(file, bytes(changed)) is None


def test_a_signature_is_replaced_not_added(signer: OsslSigner, tmp_path: Path) -> None:
    script, cabinet = put(tmp_path, "a.ps1", b"exit 0\n"), put(tmp_path, "a.cab", make_cabinet(item=b"x"))
    signer.sign([script, cabinet])
    signer.sign([script, cabinet])
    assert seal_of(script, script.read_bytes()).unsigned == b"exit 0\n"
    assert seal_of(cabinet, cabinet.read_bytes()).unsigned == make_cabinet(item=b"x")
    assert script.read_bytes().count(b"Begin signature block") == 1


def test_all_forms_of_a_certificate_have_one_identity(authority: Authority, tool: Path, tmp_path: Path) -> None:
    forms = [
        OsslSigner(tool, authority.pfx, password=PASSWORD),
        OsslSigner(tool, authority.open_pfx),
        OsslSigner(tool, authority.certificate, authority.key),
        OsslSigner(tool, authority.both, authority.both),
        OsslSigner(tool, authority.certificate, authority.locked_key, PASSWORD),
    ]
    assert {form.identity for form in forms} == {authority.thumbprint}
    for form in forms:
        file = put(tmp_path, "a.ps1", b"exit 0\n")
        form.sign([file])
        assert is_genuine(script_parts(file.read_bytes()), authority.root, tmp_path)


@pytest.mark.parametrize("password", ["wr0ng-pass", None])
@pytest.mark.parametrize("form", ["pfx", "locked_key"])
def test_a_wrong_password(form: str, password: str | None, authority: Authority, tool: Path, tmp_path: Path) -> None:
    file = put(tmp_path, "a.ps1", b"exit 0\n")
    key = authority.locked_key if form == "locked_key" else None
    signer = OsslSigner(tool, authority.certificate if key else authority.pfx, key, password)
    with pytest.raises(SigningError, match="Wrong password") as caught:
        signer.sign([file])
    assert "POLICYC_SIGN_PASSWORD_FILE" in caught.value.help
    assert "wr0ng" not in str(caught.value)
    assert (entries(tmp_path), file.read_bytes()) == ({"a.ps1"}, b"exit 0\n")


def test_a_key_of_another_certificate(authority: Authority, tool: Path, tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="osslsigncode says: "):
        _ = OsslSigner(tool, authority.certificate, authority.other_key).identity


def test_nothing_is_signed_where_one_can_not_be(signer: OsslSigner, tmp_path: Path) -> None:
    good, bad = put(tmp_path, "a.ps1", b"exit 0\n"), put(tmp_path, "b.ps1", WRITTEN_WITH_BLOCK)
    with pytest.raises(SigningError, match=r"b\.ps1' isn't signed: signing would change the file itself"):
        signer.sign([good, bad])
    assert (good.read_bytes(), bad.read_bytes()) == (b"exit 0\n", WRITTEN_WITH_BLOCK)
    assert entries(tmp_path) == {"a.ps1", "b.ps1"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.ps1", b"", "less than 4 bytes"),
        ("a.ps1", b"a\n\n", "less than 4 bytes"),
        ("a.cab", b"no cabinet at all", "osslsigncode says"),
        ("a.txt", b"some text", "neither a script nor a cabinet"),
        ("a.cmd", b"exit /b 0", "neither a script nor a cabinet"),
    ],
)
def test_what_can_not_be_signed(name: str, content: bytes, words: str, signer: OsslSigner, tmp_path: Path) -> None:
    file = put(tmp_path, name, content)
    with pytest.raises(SigningError, match=words):
        signer.sign([file])
    assert (entries(tmp_path), file.read_bytes()) == ({name}, content)


def test_a_file_that_is_not_there(signer: OsslSigner, tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="can't be read"):
        signer.sign([tmp_path / "none.ps1"])


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_the_mode_of_a_file_stays(signer: OsslSigner, tmp_path: Path) -> None:
    file = put(tmp_path, "a.ps1", b"exit 0\n")
    file.chmod(0o640)
    signer.sign([file])
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def stand_in(folder: Path, code: str) -> Path:
    """A tool that does what this Python code says; `tool(arguments, stdin)` runs the real one."""
    file = put(folder, "stand-in", b"")
    file.write_text(
        f"#!{sys.executable}\nimport pathlib, subprocess, sys, time\n"
        "def tool(arguments, stdin):\n"
        "    return subprocess.run(['osslsigncode', *arguments], input=stdin).returncode\n"
        f"stdin = sys.stdin.buffer.read()\n{code}\n",
        encoding="utf-8",
    )
    file.chmod(0o755)
    return file


@posix_only
def test_the_password_is_in_no_argument(authority: Authority, tool: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = f"open({str(seen)!r}, 'a').write('\\n'.join(sys.argv) + '\\n')\nsys.exit(tool(sys.argv[1:], stdin))"
    file = put(tmp_path / "work", "a.ps1", b"exit 0\n")
    for signer in (
        OsslSigner(stand_in(tmp_path, code), authority.pfx, password=PASSWORD),
        OsslSigner(stand_in(tmp_path, code), authority.certificate, authority.locked_key, PASSWORD),
    ):
        signer.sign([file])
        assert PASSWORD not in repr(signer)
    arguments = seen.read_text(encoding="utf-8")
    assert arguments.count("-readpass\n-\n") == 4
    assert PASSWORD not in arguments
    assert seal_of(file, file.read_bytes()).identity == authority.thumbprint


@posix_only
def test_a_tool_that_repeats_the_password_is_not_quoted(authority: Authority, tool: Path, tmp_path: Path) -> None:
    code = "print('bad password:', stdin.decode())\nsys.exit(1)"
    with pytest.raises(SigningError, match=r"bad password: \*\*\*") as caught:
        _ = OsslSigner(stand_in(tmp_path, code), authority.pfx, password=PASSWORD).identity
    assert PASSWORD not in str(caught.value)


@posix_only
def test_a_tool_that_fails_in_the_middle(authority: Authority, tool: Path, tmp_path: Path) -> None:
    code = (
        "if any('b.ps1' in argument for argument in sys.argv):\n"
        "    pathlib.Path(sys.argv[-1]).write_text('half')\n"
        "    print('no space left'); sys.exit(1)\n"
        "sys.exit(tool(sys.argv[1:], stdin))"
    )
    folder = tmp_path / "work"
    files = [put(folder, name, b"exit 0\n") for name in ("a.ps1", "b.ps1", "c.ps1")]
    with pytest.raises(SigningError, match=r"b\.ps1' isn't signed, osslsigncode says: no space left"):
        OsslSigner(stand_in(tmp_path, code), authority.open_pfx).sign(files)
    assert entries(folder) == {"a.ps1", "b.ps1", "c.ps1"}
    assert {file.read_bytes() for file in files} == {b"exit 0\n"}


@posix_only
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("pass", "left no signature that fits"),
        ("pathlib.Path(sys.argv[-1]).write_bytes(b'exit 0')", "would change the file itself"),
        ("source, to = sys.argv[-3], sys.argv[-1]; pathlib.Path(to).write_bytes(pathlib.Path(source).read_bytes())", "left no"),
    ],
)
def test_a_tool_that_only_says_it_signed(code: str, words: str, authority: Authority, tool: Path, tmp_path: Path) -> None:
    code = f"if 'probe.ps1' in sys.argv[-3]: sys.exit(tool(sys.argv[1:], stdin))\n{code}"
    file = put(tmp_path / "work", "a.ps1", b"exit 0\n")
    with pytest.raises(SigningError, match=words):
        OsslSigner(stand_in(tmp_path, code), authority.open_pfx).sign([file])
    assert file.read_bytes() == b"exit 0\n"


@posix_only
def test_a_tool_that_signs_as_somebody_else(authority: Authority, tool: Path, tmp_path: Path) -> None:
    instead = f"['sign', '-certs', {str(authority.root)!r}, '-key', {str(authority.other_key)!r}, *sys.argv[4:]]"
    code = f"sys.exit(tool(sys.argv[1:] if 'probe.ps1' in sys.argv[-3] else {instead}, stdin))"
    file = put(tmp_path / "work", "a.ps1", b"exit 0\n")
    with pytest.raises(SigningError, match="signed it instead of"):
        OsslSigner(stand_in(tmp_path, code), authority.open_pfx).sign([file])
    assert file.read_bytes() == b"exit 0\n"


@posix_only
@pytest.mark.parametrize("code", ["pass", "pathlib.Path(sys.argv[-1]).write_bytes(b'unsigned')"])
def test_a_tool_that_can_not_show_who_signs(code: str, authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="no signature that can be read"):
        _ = OsslSigner(stand_in(tmp_path, code), authority.open_pfx).identity


@posix_only
def test_a_tool_without_words(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="it gave no reason"):
        _ = OsslSigner(stand_in(tmp_path, "print('Failed'); sys.exit(1)"), authority.open_pfx).identity


@posix_only
def test_words_of_openssl_are_better_than_none(authority: Authority, tmp_path: Path) -> None:
    code = "print('Failed\\n4070BD04227F0000:error:0688010A:asn1 encoding routines:f:nested asn1 error:a.c:375:'); sys.exit(1)"
    with pytest.raises(SigningError, match=r"says: nested asn1 error$"):
        _ = OsslSigner(stand_in(tmp_path, code), authority.open_pfx).identity


@posix_only
def test_a_tool_that_reads_files_only(
    authority: Authority, tool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows: the password's file is there while the tool runs, and gone afterwards."""
    monkeypatch.setattr("policyc.signing.ossl._READS_STANDARD_INPUT", False)
    seen = tmp_path / "seen"
    code = f"open({str(seen)!r}, 'w').write('\\n'.join(sys.argv))\nsys.exit(tool(sys.argv[1:], stdin))"
    signer = OsslSigner(stand_in(tmp_path, code), authority.pfx, password=PASSWORD)
    assert signer.identity == authority.thumbprint
    arguments = seen.read_text(encoding="utf-8").split("\n")
    assert PASSWORD not in arguments
    assert not Path(arguments[arguments.index("-readpass") + 1]).exists()


def test_no_file_needs_no_certificate(tmp_path: Path) -> None:
    OsslSigner(tmp_path / "none", tmp_path / "none.pfx").sign([])


def test_a_folder_that_takes_no_copy(signer: OsslSigner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put(tmp_path, "a.ps1", b"exit 0\n")
    _ = signer.identity

    def refuse(prefix: str, dir: Path) -> None:
        raise PermissionError(13, "Permission denied", str(dir / prefix))

    monkeypatch.setattr("policyc.signing.signer.tempfile.TemporaryDirectory", refuse)
    with pytest.raises(SigningError, match="can't be made: Permission denied"):
        signer.sign([file])


def test_a_file_that_can_not_be_replaced(signer: OsslSigner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put(tmp_path, "a.ps1", b"exit 0\n")

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(SigningError, match="can't be replaced by the signed one: in use"):
        signer.sign([file])
    assert (entries(tmp_path), file.read_bytes()) == ({"a.ps1"}, b"exit 0\n")


@posix_only
def test_an_old_tool(authority: Authority, tmp_path: Path) -> None:
    code = "print('Unrecognized file type - file is too short'); sys.exit(1)"
    with pytest.raises(SigningError, match=r"before 2\.8"):
        _ = OsslSigner(stand_in(tmp_path, code), authority.open_pfx).identity


@posix_only
def test_a_tool_that_hangs(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyc.signing.ossl._SECONDS", 0.3)
    with pytest.raises(SigningError, match="gave no answer"):
        _ = OsslSigner(stand_in(tmp_path, "time.sleep(20)"), authority.open_pfx).identity


def test_a_tool_that_is_no_program(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(SigningError, match=r"can't be started: .*install osslsigncode"):
        _ = OsslSigner(put(tmp_path, "tool", b"text"), authority.open_pfx).identity


def test_the_tool_itself_finds_tampering(signer: OsslSigner, authority: Authority, tool: Path, tmp_path: Path) -> None:
    file = put(tmp_path, "a.ps1", b"exit 0\n")
    signer.sign([file])
    verify = [tool, "verify", "-CAfile", authority.root, "-in", file]
    assert subprocess.run(verify, capture_output=True, timeout=60, check=False).returncode == 0
    file.write_bytes(file.read_bytes().replace(b"exit 0", b"exit 1"))
    assert subprocess.run(verify, capture_output=True, timeout=60, check=False).returncode != 0


@pytest.mark.powershell
def test_signed_scripts_parse_and_run(signer: OsslSigner, powershell: Session, tmp_path: Path) -> None:
    detect, small = put(tmp_path, "detect.ps1", DETECT), put(tmp_path, "small.ps1", b"Write-Output 'it ran'\nexit 3\n")
    signer.sign([detect, small])
    listed = put(tmp_path, "list.txt", f"{powershell.path(detect)}\n{powershell.path(small)}\n".encode())
    answer = powershell.run(TOP / "tests" / "endpoint" / "parse.ps1", "-List", powershell.path(listed))
    assert (answer.failure, answer.lines) == (None, [])
    answer = powershell.run(small)
    assert (answer.exit_code, answer.lines) == (3, ["it ran"])
