"""PC0711 to PC0717: code, place, words, and what is never touched."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from policyc.analysis import Context
from policyc.analysis.package_files import package_files
from policyc.analysis.package_sources import Found, is_network, local_path
from policyc.diagnostics import Diagnostic
from policyc.model import Location
from unit.analysis.estates import TODAY, collection, onboarding, project

pytestmark = pytest.mark.windows

MODULE = "policyc.analysis.package_sources"
SCRIPT = "WindowsDefenderATPOnboardingScript.cmd"
GOOD = b"@echo off\r\nexit /b 0\r\n"
SHA256 = hashlib.sha256(GOOD).hexdigest()
PACKAGE = Location("pilot.yaml", ("defender_atp", "package"))


def find(root: Path, source: str | None, *, read: bool = False, sha256: str | None = SHA256) -> list[Diagnostic]:
    pilot = collection("Pilot", "onboarded", packages=(onboarding(SCRIPT, source=source, sha256=sha256),))
    return list(package_files(project(pilot), Context(TODAY, root, read_packages=read)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / SCRIPT.lower()).write_bytes(GOOD)
    return tmp_path


def pack(path: Path, **files: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def test_a_good_package(folder: Path) -> None:
    pack(folder / "package.zip", **{SCRIPT: GOOD, "OptionalParamsPolicy/AtpConfiguration.admx": b""})
    (folder / SCRIPT).write_bytes(GOOD)
    for source in ("package", r".\package", "package.zip", SCRIPT, str(folder / "package"), None):
        assert find(folder, source) == []


@pytest.mark.parametrize("source", ["nowhere", "nowhere/package.zip", "a" * 5000])
def test_a_source_that_is_not_there(folder: Path, source: str) -> None:
    (found,) = find(folder, source)
    assert (found.code, found.level, found.holds) == ("PC0711", "warning", None)
    assert found.location == PACKAGE.below("source")
    assert found.message.startswith(f"The package source '{source}' can't be checked: ")


def test_a_source_without_the_script(folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "Other.cmd").write_bytes(GOOD)
    pack(folder / "other.zip", **{"folder/" + SCRIPT: GOOD})
    (folder / "Other.cmd").write_bytes(GOOD)
    for source, there in (("other", "'Other.cmd'"), ("other.zip", f"'folder/{SCRIPT}'"), ("Other.cmd", "'Other.cmd'")):
        (found,) = find(folder, source)
        assert (found.code, found.level, found.location, found.holds) == ("PC0712", "error", PACKAGE.below("source"), "pilot")
        assert found.message == f"'{source}' doesn't hold '{SCRIPT}': there is {there}"
    (folder / "empty").mkdir()
    assert find(folder, "empty")[0].message.endswith("it holds no .cmd file")


def test_a_script_that_waits(folder: Path) -> None:
    content = b"@echo off\r\npause\r\n"
    (folder / "package" / SCRIPT.lower()).write_bytes(content)
    (found,) = find(folder, "package", sha256=hashlib.sha256(content).hexdigest())
    assert (found.code, found.level, found.location, found.holds) == ("PC0713", "error", PACKAGE.below("script"), "pilot")
    assert found.message == f"'{SCRIPT}' waits for a key in line 2 ('pause'), and as SYSTEM nobody presses it"


def test_another_sha256(folder: Path) -> None:
    (found,) = find(folder, "package", sha256="0" * 64)
    assert (found.code, found.level, found.location, found.holds) == ("PC0714", "error", PACKAGE.below("sha256"), "pilot")
    assert SHA256 in found.message
    assert find(folder, "package", sha256=SHA256.upper()) == []


def test_no_sha256(folder: Path) -> None:
    (found,) = find(folder, "package", sha256=None)
    assert (found.code, found.level, found.location) == ("PC0717", "note", PACKAGE)
    assert f"'sha256: \"{SHA256}\"'" in found.help


def test_packages_that_cannot_be_used(folder: Path) -> None:
    (folder / "broken.zip").write_bytes(b"PK\x05\x06 no archive")
    pack(folder / "cut.zip", **{SCRIPT: GOOD * 100})
    (folder / "cut.zip").write_bytes((folder / "cut.zip").read_bytes()[200:])
    pack(folder / "out.zip", **{SCRIPT: GOOD, "../../evil.cmd": b""})
    pack(folder / "twice.zip", **{SCRIPT: GOOD, SCRIPT.upper(): GOOD})
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(SCRIPT, b"\0" * (5 * 1024 * 1024))
    (folder / "package.msi").write_bytes(b"")
    (folder / "large").mkdir()
    with (folder / "large" / SCRIPT).open("wb") as file:
        file.truncate(5 * 1024 * 1024)
    words = {
        "broken.zip": "broken",
        "cut.zip": "broken",
        "out.zip": "'../../evil.cmd'",
        "twice.zip": "more than once",
        "bomb.zip": "larger than 4 MiB",
        "package.msi": "neither a folder nor a .zip or .cmd file",
        "large": "larger than 4 MiB",
    }
    for source, said in words.items():
        (found,) = find(folder, source)
        assert (found.code, found.level, found.location, found.holds) == ("PC0715", "error", PACKAGE.below("source"), "pilot")
        assert found.message.startswith(f"'{source}' is no package: ")
        assert said in found.message


def test_a_zip_that_lies_about_its_size(folder: Path) -> None:
    """The directory says 10 bytes, the data are millions: no more than the limit is unpacked."""
    with zipfile.ZipFile(folder / "liar.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(SCRIPT, b"\0" * (8 * 1024 * 1024))
    content = (folder / "liar.zip").read_bytes()
    size = (8 * 1024 * 1024).to_bytes(4, "little")
    (folder / "liar.zip").write_bytes(content.replace(size, (10).to_bytes(4, "little")))
    assert [found.code for found in find(folder, "liar.zip")] == ["PC0715"]


def test_every_cut_and_flip_of_a_zip_is_a_finding_or_none(folder: Path) -> None:
    pack(folder / "package.zip", **{SCRIPT: GOOD})
    whole = (folder / "package.zip").read_bytes()
    for at in range(len(whole)):
        (folder / "package.zip").write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        find(folder, "package.zip")
        (folder / "package.zip").write_bytes(whole[:at])
        find(folder, "package.zip")


NETWORK = [
    r"\\files.example.com\packages",
    "//files.example.com/packages",
    r"/\files.example.com/packages",
    r"\\?\UNC\files.example.com\packages",
    r"\\.\pipe\x",
    "http://files.example.com/package.zip",
    "smb://files.example.com/packages",
    "FILE://files.example.com/packages",
    "/net/files.example.com/packages",
    "/dev/zero",
]


@pytest.mark.parametrize("source", NETWORK)
def test_the_network_is_not_touched(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def touch(*_: object) -> None:
        pytest.fail("touched")

    monkeypatch.setattr(sys.modules[MODULE], "read_source", touch)
    monkeypatch.setattr(os, "readlink", touch)
    assert is_network(source)
    assert find(tmp_path, source) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has drives and UNC paths")
def test_paths_of_another_system(tmp_path: Path) -> None:
    assert find(tmp_path, r"C:\packages") == []
    (found,) = find(tmp_path, r"\\files.example.com\packages", read=True)
    assert (found.code, found.level) == ("PC0711", "warning")
    assert "this machine can't read such a path" in found.message


@pytest.mark.skipif(sys.platform == "win32", reason="links take a privilege there")
@pytest.mark.parametrize(
    "target", ["//files.example.com/share", r"\\files.example.com\share", "/net/files.example.com", "link"]
)
def test_links_to_the_network_are_not_followed(folder: Path, target: str) -> None:
    (folder / "link").symlink_to(target)
    assert local_path("link/package", folder) is None
    assert find(folder, "link/package") == []


@pytest.mark.skipif(sys.platform == "win32", reason="links take a privilege there")
def test_links_within_the_machine_are_followed(folder: Path) -> None:
    (folder / "link").symlink_to("package", target_is_directory=True)
    assert find(folder, "link") == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders")
def test_a_pipe_is_not_read(folder: Path) -> None:
    os.mkfifo(folder / "pipe.cmd")
    (folder / "piped").mkdir()
    os.mkfifo(folder / "piped" / SCRIPT)
    assert [found.code for source in ("pipe.cmd", "piped") for found in find(folder, source)] == ["PC0715", "PC0715"]


@pytest.mark.skipif(shutil.which("git") is None, reason="no git")
def test_a_tenants_package_in_git(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)

    git("init")
    assert find(folder, "package") == []
    git("add", "package")
    (found,) = find(folder, "package")
    assert (found.code, found.level, found.location) == ("PC0716", "warning", PACKAGE.below("source"))
    assert found.message == "The package in 'package' is tracked by git, and with it the tenant's onboarding data"
    assert "git rm --cached" in found.help
    monkeypatch.setenv("PATH", "")
    assert find(folder, "package") == []


def test_a_source_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    monkeypatch.setattr(sys.modules[MODULE], "read_source", lambda path, script: read.append(path) or Found(GOOD))
    pilot = collection("Pilot", "onboarded", packages=(onboarding(SCRIPT, source="package", sha256="0" * 64),))
    found = list(package_files(project(pilot, replace(pilot, slug="other")), Context(TODAY, folder)))
    assert [one.holds for one in found] == ["pilot", "other"]
    assert len(read) == 1
