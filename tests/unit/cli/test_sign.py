"""`policyc sign`: what is signed, what stays, and how `compile --check` knows it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from policyc.signing import seal_of
from policyc.targets.configmgr.digest import ScriptSetting, open_cabinet
from unit.signing.making import PASSWORD, Authority, make_authority, need
from unit.targets.digest.reading import read_digest


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    need("openssl")
    need("osslsigncode")
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def signed(policyc: Any, project: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The estate, compiled and signed."""
    monkeypatch.setenv("POLICYC_SIGN_PASSWORD", PASSWORD)
    monkeypatch.setenv("POLICYC_SIGN_CERTIFICATE", str(authority.pfx))
    assert policyc("compile").code == 0
    answer = policyc("sign")
    assert answer.code == 0, answer.err
    assert "warning[PC0622]" in answer.err
    return project / "signed"


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_script_and_cabinet_is_signed_and_nothing_else_changes(signed: Path) -> None:
    before, after = files(signed.parent / "output"), files(signed)
    assert before.keys() == after.keys() | {".built.json"}
    for path, content in after.items():
        seal = seal_of(path, content)
        assert (seal is not None) == path.endswith((".ps1", ".cab")), path
        if seal and path.endswith(".ps1"):
            assert seal.unsigned == before[path]


def test_signed_cabinets_are_kept(policyc: Any, signed: Path) -> None:
    """Nobody can build them again, so they are files like all others: not ignored by git, and missed where one is missing."""
    assert ".cab" not in (signed / ".gitignore").read_text("ascii")
    assert b'"built"' not in (signed / "manifest.json").read_bytes()
    assert policyc("compile", "--check", "--output", signed).code == 0
    cabinet = signed / "pilot" / "compliance" / "configuration-baseline.cab"
    cabinet.unlink()
    answer = policyc("compile", "--check", "--output", signed)
    assert answer.code == 1
    assert "configuration-baseline.cab" in answer.err


def test_cabinets_hold_the_signed_scripts(signed: Path) -> None:
    folder = signed / "pilot" / "compliance" / "settings"
    contents = open_cabinet((folder / "configuration-item.cab").read_bytes())
    (digest,) = (content for name, content in contents.items() if name.endswith(".xml"))
    setting = read_digest(digest).settings[0]
    assert isinstance(setting, ScriptSetting)
    assert setting.discovery.encode("ascii") == next(folder.rglob("discovery.ps1")).read_bytes()
    assert setting.remediation is not None
    assert setting.remediation.encode("ascii") == next(folder.rglob("remediation.ps1")).read_bytes()


def test_the_site_is_told(signed: Path) -> None:
    items = json.loads((signed / "pilot" / "deployment.json").read_text())["baseline"]["items"]
    unsigned = json.loads((signed.parent / "output" / "pilot" / "deployment.json").read_text())["baseline"]["items"]
    assert [(item["signed"], item["revision"]) for item in items] == [(True, 2)]
    assert [(item["signed"], item["revision"]) for item in unsigned] == [(False, 2)]
    assert items[0]["hash"] != unsigned[0]["hash"]


def test_check_knows_both(policyc: Any, signed: Path) -> None:
    assert policyc("compile", "--check").code == 0
    answer = policyc("compile", "--check", "--output", "signed")
    assert (answer.code, answer.err) == (0, "")


def test_signing_again_changes_nothing(policyc: Any, signed: Path) -> None:
    before = files(signed.parent)
    answer = policyc("sign")
    assert answer.code == 0
    assert "0 written" in answer.out
    assert "commit" not in answer.out
    assert files(signed.parent) == before


def test_a_changed_policy_signs_what_changed(policyc: Any, signed: Path) -> None:
    before = files(signed)
    pilot = signed.parent / "policies" / "rings" / "pilot.yaml"
    pilot.write_text(pilot.read_text().replace("at_least: 4", "at_least: 3"))
    assert policyc("compile", "--check", "--output", "signed").code == 1
    assert policyc("sign").code == 1, "what is signed must be what was compiled"
    assert files(signed) == before
    assert policyc("compile").code == 0
    assert policyc("sign").code == 0
    after = files(signed)
    changed = {path for path in before if before[path] != after[path]}
    assert {path.split("/")[0] for path in changed if "/" in path} == {"pilot"}
    assert not any("baseline" in path for path in changed)
    assert json.loads(after["pilot/deployment.json"])["baseline"]["items"][0]["revision"] == 3


def test_compile_writes_nothing_over_signed_scripts(policyc: Any, signed: Path) -> None:
    before = files(signed)
    answer = policyc("compile", "--output", "signed")
    assert answer.code == 1
    assert "error[PC0623]: 'signed' holds signed scripts" in answer.err
    assert files(signed) == before


def test_a_stale_signed_folder_is_signed_again(policyc: Any, signed: Path) -> None:
    pilot = signed.parent / "policies" / "rings" / "pilot.yaml"
    pilot.write_text(pilot.read_text().replace("at_least: 4", "at_least: 3"))
    answer = policyc("compile", "--check", "--output", "signed")
    assert "help: run policyc compile, then policyc sign" in answer.err


def test_a_file_that_was_changed_after_signing_is_found(policyc: Any, signed: Path) -> None:
    script = signed / "pilot" / "scripts" / "detect.ps1"
    script.write_bytes(script.read_bytes().replace(b"Set-StrictMode -Version 3.0", b"Set-StrictMode -Version 2.0"))
    answer = policyc("compile", "--check", "--output", "signed")
    assert answer.code == 1
    assert "signed/pilot/scripts/detect.ps1" in answer.err


def test_another_certificate_is_another_revision(
    policyc: Any, signed: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_authority(tmp_path_factory.mktemp("other"))
    monkeypatch.setenv("POLICYC_SIGN_CERTIFICATE", str(other.pfx))
    answer = policyc("sign")
    assert "revisions have risen" in answer.out
    assert set(re.findall(rb'"revision": (\d+)', (signed / "revisions.json").read_bytes())) == {b"1", b"3"}


def test_what_the_signed_folder_knows_is_not_given_again(
    policyc: Any, signed: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output came back from git without the revisions that the signing raised."""
    ours = signed.parent / "output" / "revisions.json"
    before = ours.read_bytes()
    first = str(Path(os.environ["POLICYC_SIGN_CERTIFICATE"]))
    other = make_authority(tmp_path_factory.mktemp("another"))
    monkeypatch.setenv("POLICYC_SIGN_CERTIFICATE", str(other.pfx))
    assert policyc("sign").code == 0
    ours.write_bytes(before)
    assert policyc("compile").code == 0
    monkeypatch.setenv("POLICYC_SIGN_CERTIFICATE", first)
    assert policyc("sign").code == 0
    assert set(re.findall(rb'"revision": (\d+)', (signed / "revisions.json").read_bytes())) == {b"1", b"4"}


def test_the_unsigned_folder_is_not_signed_over(policyc: Any, signed: Path) -> None:
    before = files(signed.parent / "output")
    answer = policyc("sign", "--to", "output")
    assert answer.code == 1
    assert "the folder with the unsigned output" in answer.err
    assert files(signed.parent / "output") == before


def test_nothing_to_sign_with(policyc: Any, project: Path) -> None:
    policyc("compile")
    answer = policyc("sign")
    assert answer.code == 1
    assert "error[PC0620]: no certificate is given to sign with" in answer.err
    assert answer.out == "nothing was signed\n"
    assert not (project / "signed").exists()


def test_what_is_stale_is_not_signed(policyc: Any, project: Path) -> None:
    answer = policyc("sign")
    assert answer.code == 1
    assert "error[PC0621]" in answer.err
    assert "run policyc compile" in answer.err


def test_an_error_in_a_policy_stops_signing(policyc: Any, project: Path) -> None:
    (project / "policies" / "servers.yaml").write_text("collection: {name: }\n")
    answer = policyc("sign", "--format", "json")
    assert answer.code == 1
    assert json.loads(answer.out)["diagnostics"]
