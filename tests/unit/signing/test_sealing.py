"""Folders of signed output: what is known again, and what is signed anew."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from policyc.signing import Seals, Signer, SigningError, seal_of, sign_scripts, without_signature
from policyc.signing.ossl import OsslSigner
from unit.signing.making import PASSWORD, Authority, make_cabinet

SCRIPTS = {
    "pilot/detect.ps1": b"exit 0\n",
    "pilot/remediate.ps1": b"exit 1\n",
    "ring/detect.ps1": b"exit 0\n",
    "ring/item.cab": make_cabinet(item=b"x"),
}


class Counting:
    """A signer that notes what it signs."""

    def __init__(self, signer: Signer) -> None:
        self.signer = signer
        self.signed: list[str] = []

    identity = property(lambda self: self.signer.identity)
    timestamps = property(lambda self: self.signer.timestamps)
    warnings = property(lambda self: self.signer.warnings)

    def sign(self, paths: Sequence[Path]) -> None:
        self.signed += sorted("/".join(path.parts[-2:]) for path in paths)
        self.signer.sign(paths)


@pytest.fixture
def counting(signer: OsslSigner) -> Counting:
    return Counting(signer)


def keep(folder: Path, files: dict[str, bytes]) -> Seals:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return Seals(folder)


def test_each_content_is_signed_once(counting: Counting, authority: Authority, tmp_path: Path) -> None:
    signed = sign_scripts(SCRIPTS, counting, Seals(), tmp_path / "scratch")
    assert list(signed) == list(SCRIPTS)
    assert counting.signed == ["pilot/detect.ps1", "pilot/remediate.ps1", "ring/item.cab"]
    assert signed["pilot/detect.ps1"] == signed["ring/detect.ps1"]
    for path, content in SCRIPTS.items():
        seal = seal_of(path, signed[path])
        assert (seal.unsigned, seal.identity) == (content, authority.thumbprint)
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_second_run_signs_nothing_and_gives_the_same_bytes(counting: Counting, tmp_path: Path) -> None:
    release = keep(tmp_path / "release", sign_scripts(SCRIPTS, counting, Seals(), tmp_path))
    counting.signed.clear()
    again = sign_scripts(SCRIPTS, counting, release, tmp_path / "scratch")
    assert again == {path: (tmp_path / "release" / path).read_bytes() for path in SCRIPTS}
    assert counting.signed == []
    assert not (tmp_path / "scratch").exists()
    assert all(release.sealed(path, content) == again[path] for path, content in SCRIPTS.items())


def test_only_what_changed_is_signed(counting: Counting, tmp_path: Path) -> None:
    first = sign_scripts(SCRIPTS, counting, Seals(), tmp_path)
    release = keep(tmp_path / "release", first)
    counting.signed.clear()
    changed = {**SCRIPTS, "pilot/remediate.ps1": b"exit 2\n", "new/detect.ps1": b"exit 0\n"}
    second = sign_scripts(changed, counting, release, tmp_path)
    assert counting.signed == ["pilot/remediate.ps1"]
    assert second["new/detect.ps1"] == first["pilot/detect.ps1"]
    assert without_signature(second["pilot/remediate.ps1"]) == b"exit 2\n"


def test_each_file_keeps_the_signature_that_it_has(counting: Counting, tmp_path: Path) -> None:
    # Of one content, but signed at two times.
    one = sign_scripts({"a.ps1": b"exit 0\n"}, counting, Seals(), tmp_path)["a.ps1"]
    two = one.replace(b"\r\n", b"\n")
    release = keep(tmp_path / "release", {"a.ps1": one, "b.ps1": two})
    assert sign_scripts(dict.fromkeys(("b.ps1", "a.ps1", "c.ps1"), b"exit 0\n"), counting, release, tmp_path) == {
        "a.ps1": one,
        "b.ps1": two,
        "c.ps1": one,
    }


def test_another_certificate_signs_anew(counting: Counting, authority: Authority, tool: Path, tmp_path: Path) -> None:
    release = keep(tmp_path / "release", sign_scripts(SCRIPTS, counting, Seals(), tmp_path))
    renewed = OsslSigner(tool, authority.root, authority.other_key)
    signed = sign_scripts(SCRIPTS, renewed, release, tmp_path)
    assert {seal_of(path, content).identity for path, content in signed.items()} == {renewed.identity}
    assert renewed.identity != counting.identity
    # Whoever signed it: it is signed.
    assert release.sealed("pilot/detect.ps1", b"exit 0\n") != b"exit 0\n"


def test_a_signature_of_other_bytes_is_none(counting: Counting, tmp_path: Path) -> None:
    signed = sign_scripts(SCRIPTS, counting, Seals(), tmp_path)
    block = signed["pilot/remediate.ps1"][len(SCRIPTS["pilot/remediate.ps1"]) :]
    release = keep(tmp_path / "release", {"pilot/detect.ps1": b"exit 0\n" + block})
    assert release.sealed("pilot/detect.ps1", b"exit 0\n") == b"exit 0\n"
    counting.signed.clear()
    sign_scripts({"pilot/detect.ps1": b"exit 0\n"}, counting, release, tmp_path)
    assert counting.signed == ["pilot/detect.ps1"]


def test_what_is_signed_by_a_vendor_stays(counting: Counting, authority: Authority, tool: Path, tmp_path: Path) -> None:
    vendor = OsslSigner(tool, authority.root, authority.other_key)
    theirs = sign_scripts({"vendor.ps1": b"exit 0\n"}, vendor, Seals(), tmp_path)
    assert sign_scripts(theirs, counting, Seals(), tmp_path) == theirs
    assert counting.signed == []


@pytest.mark.parametrize(
    "there",
    [{}, {"pilot/detect.ps1": b"exit 0\n"}, {"pilot/detect.ps1": b""}, {"pilot/detect.ps1/x": b""}, {"pilot": b"a file"}],
    ids=["nothing", "unsigned", "empty", "a folder", "no folder"],
)
def test_without_a_signature_the_bytes_stay(there: dict[str, bytes], tmp_path: Path) -> None:
    release = keep(tmp_path / "release", there)
    content = b"exit 0\n"
    assert release.sealed("pilot/detect.ps1", content) is content
    assert Seals().sealed("pilot/detect.ps1", content) is content
    assert release.find("pilot/detect.ps1", content) is None


def test_files_of_other_kinds_are_not_even_read(tmp_path: Path) -> None:
    release = keep(tmp_path, {"pilot/run.cmd": b"other"})
    assert release.sealed("pilot/run.cmd", b"exit /b 0") == b"exit /b 0"


def test_a_file_that_can_not_be_read_is_no_missing_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SigningError, match="can't be read: Permission denied"):
        Seals(tmp_path).sealed("pilot/detect.ps1", b"exit 0\n")


def test_an_error_names_the_script_and_leaves_no_copy(counting: Counting, tmp_path: Path) -> None:
    with pytest.raises(SigningError, match=r"pilot.small\.ps1' can't be signed"):
        sign_scripts({"pilot/small.ps1": b"#\n"}, counting, Seals(), tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("path", ["../a.ps1", "/a.ps1", "pilot/../../a.ps1"])
def test_no_copy_is_made_outside_the_scratch_folder(path: str, counting: Counting, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.ps1"):
        sign_scripts({path: b"exit 0\n"}, counting, Seals(), tmp_path)
    assert counting.signed == []


def test_a_scratch_folder_that_can_not_be_made(counting: Counting, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SigningError, match="copies can't be made"):
        sign_scripts(SCRIPTS, counting, Seals(), tmp_path / "file")


def test_nothing_to_sign_asks_for_no_certificate(authority: Authority, tmp_path: Path) -> None:
    nobody = OsslSigner(tmp_path / "none", authority.pfx, password=PASSWORD)
    assert sign_scripts({}, nobody, Seals(), tmp_path) == {}
    shutil.rmtree(tmp_path)
    assert sign_scripts({}, nobody, Seals(tmp_path), tmp_path) == {}
