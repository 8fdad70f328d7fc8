"""`policyc import gpo`: folders of backups, on a disk that may hold anything."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from policyc.driver.imports import backups
from unit.importers.backup import GPT_TMPL, GUID, MACHINE, PREFERENCES, backup_xml, bkup_info, inf, pol, write_backup

OTHER = "{6A1B2C3D-0000-4000-8000-00000000000B}"
KIOSK = {
    "bkupInfo.xml": bkup_info("Kiosks"),
    f"{MACHINE}/registry.pol": pol((r"Software\Policies\Example", "A", 1)),
    GPT_TMPL: inf(Registry_Values=r"MACHINE\Software\Example\B=4,2"),
    f"{MACHINE}/Scripts/scripts.ini": b"[Startup]",
}
OFFICE = {"bkupInfo.xml": bkup_info("Office", OTHER), f"{MACHINE}/registry.pol": pol((r"Software\Policies\Office", "C", 3))}


@pytest.fixture
def backup(project: Path) -> Path:
    return write_backup(project / "backups" / GUID, KIOSK)


def manifest(*named: tuple[str, str]) -> bytes:
    inner = "".join(f"<BackupInst><ID>{guid}</ID><GPODisplayName>{name}</GPODisplayName></BackupInst>" for guid, name in named)
    return f'<Backups xmlns="m">{inner}</Backups>'.encode()


def test_a_backup_becomes_a_baseline_that_validates(policyc: Any, project: Path, backup: Path) -> None:
    result = policyc("import", "gpo", f"backups/{GUID}")
    assert result.code == 0, result.err
    assert result.out.startswith("made  policies/kiosks.yaml: baseline 'Kiosks'\n")
    assert f"backups/{GUID}: 3 entries, 2 settings written to policies/kiosks.yaml, 1 not expressed" in result.err
    text = (project / "policies" / "kiosks.yaml").read_text(encoding="utf-8")
    assert text.startswith(f"# Imported from '{GUID}' with 'policyc import gpo'\n")
    assert "# - Machine/Scripts/scripts.ini: scripts of startup" in text
    assert policyc("validate").code == 0


def test_each_backup_of_a_folder_becomes_a_policy(policyc: Any, project: Path, backup: Path) -> None:
    write_backup(project / "backups" / OTHER, OFFICE)
    result = policyc("import", "gpo", "backups")
    assert result.code == 0, result.err
    assert "made  policies/kiosks.yaml: baseline 'Kiosks'\nmade  policies/office.yaml: baseline 'Office'\n" in result.out


def test_objects_of_one_name_are_told_apart_by_their_folders(policyc: Any, project: Path, backup: Path) -> None:
    write_backup(project / "backups" / OTHER, {**OFFICE, "bkupInfo.xml": bkup_info("Kiosks", OTHER)})
    result = policyc("import", "gpo", "backups")
    assert result.code == 0, result.err
    assert f"baseline 'Kiosks ({OTHER})'" in result.out


def test_several_are_joined_into_one_where_that_is_asked_for(policyc: Any, project: Path, backup: Path) -> None:
    write_backup(project / "backups" / OTHER, OFFICE)
    assert policyc("import", "gpo", "backups", "--name", "All").code == 2
    result = policyc("import", "gpo", "backups", "--name", "All", "--into", "policies/all.yaml", "--format", "json")
    assert result.code == 0, result.err
    (done,) = json.loads(result.out)["imports"]
    assert [one["source"] for one in done["policies"][0]["settings"]] == [
        f"{GUID}: Machine/microsoft/windows nt/SecEdit/GptTmpl.inf: line 7",
        f"{GUID}: Machine/registry.pol: entry 1",
        f"{OTHER}: Machine/registry.pol: entry 1",
    ]


def test_findings_stand_in_the_file_that_they_are_about(policyc: Any, project: Path) -> None:
    files = {**KIOSK, GPT_TMPL: inf(Registry_Values=r"MACHINE\Software\Example\B=4,x")}
    write_backup(project / "backups" / GUID, files)
    result = policyc("import", "gpo", "backups", "--format", "json")
    places = [(one["file"], one["line"]) for one in json.loads(result.out)["diagnostics"]]
    assert (f"backups/{GUID}/{GPT_TMPL}", 7) in places
    assert (f"backups/{GUID}", None) in places


def test_a_file_that_is_not_of_its_format_stops_everything(policyc: Any, project: Path, backup: Path) -> None:
    write_backup(project / "backups" / OTHER, {**OFFICE, f"{MACHINE}/registry.pol": b"PRog"})
    result = policyc("import", "gpo", "backups")
    assert result.code == 1
    assert f"error[PC0801]: 'backups/{OTHER}/{MACHINE}/registry.pol' can't be read as 'gpo'" in result.err
    assert not (project / "policies" / "kiosks.yaml").exists()


@pytest.mark.parametrize("named", ["empty", "nowhere", "file.txt"])
def test_what_is_no_backup_is_an_error(policyc: Any, project: Path, named: str) -> None:
    (project / "empty" / "sub").mkdir(parents=True)
    (project / "file.txt").write_text("x")
    result = policyc("import", "gpo", named)
    assert result.code == 1
    assert f"error[PC0801]: '{named}' can't be read as 'gpo'" in result.err


def test_a_backup_that_the_manifest_names_and_that_is_missing_is_told(policyc: Any, project: Path, backup: Path) -> None:
    (project / "backups" / "manifest.xml").write_bytes(manifest((GUID.lower(), "Kiosks"), (OTHER, "Office"), ("..\\up", "Up")))
    result = policyc("import", "gpo", "backups")
    assert result.code == 0
    assert f"warning[PC0807]: 'backups/manifest.xml' names the backup {OTHER} of 'Office'" in result.err
    assert "names the backup ..\\up of 'Up'" in result.err
    assert result.err.count("PC0807") == 2


def test_a_manifest_that_can_not_be_read_is_told_and_stops_nothing(policyc: Any, project: Path, backup: Path) -> None:
    (project / "backups" / "manifest.xml").write_bytes(b"<!DOCTYPE a><Backups/>")
    result = policyc("import", "gpo", "backups")
    assert result.code == 0
    assert "warning[PC0807]: 'backups/manifest.xml' can't be read" in result.err


def test_links_are_not_followed(policyc: Any, project: Path, backup: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "registry.pol").write_bytes(pol((r"Software\Secret", "S", 1)))
    user = backup / "DomainSysvol" / "GPO" / "User"
    try:
        user.symlink_to(outside, target_is_directory=True)
        (backup / "DomainSysvol" / "GPO" / "loop").symlink_to(backup, target_is_directory=True)
    except OSError:
        pytest.skip("links can't be made here")
    result = policyc("import", "gpo", "backups")
    assert result.code == 0
    text = (project / "policies" / "kiosks.yaml").read_text(encoding="utf-8")
    assert "Secret" not in text
    assert text.count("it is a link") == 1
    assert "User" in text


@pytest.mark.parametrize(
    ("limit", "number", "reason"), [("MOST_FILES", 3, "more than 3 files"), ("DEEPEST", 2, "more than 2 deep")]
)
def test_a_folder_without_end_is_refused(
    policyc: Any, project: Path, backup: Path, monkeypatch: pytest.MonkeyPatch, limit: str, number: int, reason: str
) -> None:
    monkeypatch.setattr(backups, limit, number)
    result = policyc("import", "gpo", "backups")
    assert result.code == 1
    assert reason in result.err


@pytest.mark.skipif(os.name == "nt", reason="no file has such a name there")
def test_names_that_are_no_text_are_listed(policyc: Any, project: Path, backup: Path) -> None:
    place = os.fsencode(backup / "DomainSysvol" / "GPO" / "Machine") + b"/\xff.dat"
    os.close(os.open(place, os.O_CREAT))
    result = policyc("import", "gpo", "backups")
    assert result.code == 0, result.err
    assert "Machine/\ufffd.dat" in (project / "policies" / "kiosks.yaml").read_text(encoding="utf-8")


def test_the_folder_of_an_object_on_a_device_is_read_too(policyc: Any, project: Path) -> None:
    files = {"gpt.ini": b"[General]", "Machine/Registry.pol": pol((r"Software\Policies\Example", "A", 1))}
    write_backup(project / "GroupPolicy", files)
    result = policyc("import", "gpo", "GroupPolicy")
    assert result.code == 0
    assert "made  policies/grouppolicy.yaml: baseline 'GroupPolicy'" in result.out


def test_hostile_preferences_are_a_finding(policyc: Any, project: Path) -> None:
    hostile = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><RegistrySettings>&b;</RegistrySettings>'
    write_backup(project / "backups" / GUID, {**KIOSK, "Backup.xml": backup_xml("K"), PREFERENCES: hostile})
    result = policyc("import", "gpo", "backups")
    assert result.code == 1
    assert "brings a document type" in result.err
