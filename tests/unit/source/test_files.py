"""Which files are policies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from policyc.diagnostics import Level
from policyc.source.files import find_files

pytestmark = pytest.mark.windows

links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")


def make(root: Path, *files: str) -> None:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text("a: b\n")


def codes(root: Path) -> list[tuple[str, str]]:
    return [(finding.code, finding.location.file) for finding in find_files(root).findings]


def test_order_depth_and_what_is_left_alone(tmp_path: Path) -> None:
    make(
        tmp_path,
        "project.yaml",
        "b.yaml",
        "a/z.yaml",
        "a.yaml",
        "a/b/c.yaml",
        ".git/x.yaml",
        ".hidden.yaml",
        "README.md",
        "x.yaml.bak",
    )
    found = find_files(tmp_path)
    assert found.files == ["a.yaml", "a/b/c.yaml", "a/z.yaml", "b.yaml", "project.yaml"]
    assert found.findings == []


def test_no_folder_and_no_project(tmp_path: Path) -> None:
    missing = find_files(tmp_path / "policies").findings
    assert [(finding.code, finding.location.file) for finding in missing] == [("PC0118", "")]
    assert "doesn't exist" in missing[0].message
    (tmp_path / "policies").write_text("x")
    assert "is not a folder" in find_files(tmp_path / "policies").findings[0].message
    assert codes(tmp_path) == [("PC0117", "project.yaml")]


def test_names_that_look_like_policies(tmp_path: Path) -> None:
    make(tmp_path, "project.yaml", "a.yml", "b.YAML")
    (tmp_path / "c.yaml").mkdir()
    findings = find_files(tmp_path).findings
    assert [(finding.code, finding.location.file, finding.level) for finding in findings] == [
        ("PC0119", "a.yml", Level.WARNING),
        ("PC0119", "b.YAML", Level.WARNING),
        ("PC0109", "c.yaml", Level.ERROR),
    ]
    assert findings[0].help.startswith("rename it to 'a.yaml'")


def test_a_project_that_is_a_folder_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").mkdir()
    assert codes(tmp_path) == [("PC0109", "project.yaml")]


@links
def test_links(tmp_path: Path) -> None:
    root = tmp_path / "policies"
    make(tmp_path, "elsewhere.yaml", "policies/project.yaml", "policies/a.yaml")
    (root / "out.yaml").symlink_to("../elsewhere.yaml")
    (root / "in.yaml").symlink_to("a.yaml")
    (root / "loop.yaml").symlink_to("loop.yaml")
    (root / "folder").symlink_to("..")
    (root / "harmless.txt").symlink_to("nothing")
    found = find_files(root)
    assert found.files == ["a.yaml", "project.yaml"]
    assert [(finding.code, finding.message) for finding in found.findings] == [
        ("PC0116", "'folder' is a link that leads out of the policies folder"),
        ("PC0116", "'in.yaml' is a link that leads to another place in the policies folder"),
        ("PC0116", "'loop.yaml' is a link that leads nowhere, or in a circle"),
        ("PC0116", "'out.yaml' is a link that leads out of the policies folder"),
    ]


@links
def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    make(tmp_path, "real/project.yaml")
    (tmp_path / "policies").symlink_to("real")
    assert codes(tmp_path / "policies") == []


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="needs a file system that takes any bytes")
@pytest.mark.parametrize("name", [b"a\n.yaml", b"\xff.yaml", "a\u202eb.yaml".encode(), b"\x1b[31m"])
def test_names_with_hidden_characters(tmp_path: Path, name: bytes) -> None:
    make(tmp_path, "project.yaml")
    path = tmp_path / os.fsdecode(name)
    if name.endswith(b".yaml"):
        path.write_text("")
    else:
        path.mkdir()
    [finding] = find_files(tmp_path).findings
    assert finding.code == "PC0120"
    assert (finding.message + finding.location.file).isprintable()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="needs names that differ in case")
def test_names_that_windows_takes_for_one(tmp_path: Path) -> None:
    make(tmp_path, "project.yaml", "Pilot.yaml", "pilot.yaml")
    [finding] = find_files(tmp_path).findings
    assert (finding.code, finding.location.file, finding.related[0].location.file) == ("PC0122", "pilot.yaml", "Pilot.yaml")


def test_folders_below_folders_end(tmp_path: Path) -> None:
    make(tmp_path, "project.yaml", "/".join("d" * 60) + "/a.yaml")
    assert [code for code, _ in codes(tmp_path)] == ["PC0121"]
