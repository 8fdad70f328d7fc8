"""The folders that IntuneCD reads, read as it reads them: written from what it does, not from the target's code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from endpoint.cases import reported, setting
from policyc.artifacts import Build
from policyc.model import INTUNE, Collection, Intune, Kind, Location, Operator, Project, Signing
from policyc.resolved.collection import head_tree
from policyc.targets.intune import Intune as Target

PROJECT = Project("Estate", "IT", Location("project.yaml"), "8ee4ffd4-acdb-58d3-be46-275fec287ebb")
ONE = setting("one", Kind.DWORD, Operator.EQUALS, 1, write=1)
ONLY = reported(setting("only", Kind.DWORD, Operator.EQUALS, 1))
ROOT = PurePosixPath("ring/intune/intunecd/Proactive Remediations")


def collection(layout: str | None = "intunecd") -> Collection:
    settings = (ONE, ONLY)
    way = Intune(all_devices=True, layout=layout)
    return Collection(
        "Ring", "ring", Location("ring.yaml"), settings=settings, estate=PROJECT.id, targets=(INTUNE,), intune=way
    )


def written(of: Collection, project: Project = PROJECT) -> dict[PurePosixPath, bytes]:
    return {PurePosixPath(one.path): one.content for one in Target().artifacts(project, of, Build())}


def as_intunecd_reads(files: dict[PurePosixPath, bytes]) -> dict[str, dict[str, Any]]:
    """Packages by display name, with both scripts: those whose names hold what stands behind `__`; both or none."""
    found = {}
    scripts = [path for path in files if path.parent == ROOT / "Script Data"]
    for path, content in files.items():
        if path.parent != ROOT:
            continue
        package = json.loads(content)
        parts = path.name.split("__")
        own = parts[1].replace(".json", "") if len(parts) > 1 else ""
        detection = remediation = None
        for script in (one for one in scripts if own in one.name):
            if "detectionScript" in script.name:
                detection = files[script]
            elif "remediationScript" in script.name:
                remediation = files[script]
        found[package["displayName"]] = {**package, "scripts": (detection, remediation) if detection and remediation else None}
    return found


def test_each_package_is_read_with_its_own_scripts() -> None:
    files = written(collection())
    packages = as_intunecd_reads(files)
    assert packages.keys() == {"Ring: settings", "Ring: settings that are only reported", "Ring: rollback"}
    for name, key in (("Ring: settings", "remediated"), ("Ring: rollback", "rollback")):
        own = PurePosixPath("ring/intune") / key
        assert packages[name]["scripts"] == (files[own / "detect.ps1"], files[own / "remediate.ps1"])
        said = json.loads(files[own / "remediation.json"])
        assert {**said, "scripts": None} == {**packages[name], "version": said["version"], "scripts": None}
    detection, remediation = packages["Ring: settings that are only reported"]["scripts"]
    assert detection == files[PurePosixPath("ring/intune/reported/detect.ps1")]
    assert remediation.splitlines()[-1] == b"exit 0"
    assert len(remediation.splitlines()) == 2


def test_nothing_is_kept_that_the_service_counts_and_nobody_is_assigned() -> None:
    for package in as_intunecd_reads(written(collection())).values():
        assert not {"id", "version", "assignments", "createdDateTime"} & package.keys()


def test_without_the_word_none_of_it_is_written() -> None:
    plain, laid_out = written(collection(None)), written(collection())
    assert not [path for path in plain if "intunecd" in path.parts]
    page = PurePosixPath("ring/intune/README.md")
    assert {path: content for path, content in laid_out.items() if path in plain and path != page} == {
        path: content for path, content in plain.items() if path != page
    }
    assert (b"IntuneCD-startupdate" in laid_out[page], b"IntuneCD" in plain[page]) == (True, False)


def test_the_word_is_in_what_is_resolved() -> None:
    assert head_tree(collection())["intune"]["layout"] == "intunecd"
    assert "layout" not in head_tree(collection(None))["intune"]


def test_signed_scripts_and_a_tool_that_reads_text_are_refused() -> None:
    signed = replace(PROJECT, signing=Signing.REQUIRED, targets=(INTUNE,))
    (found,) = Target().check(replace(signed, collections=(collection(),)))
    assert (found.code, "'Ring'" in found.message) == ("PC2008", True)
    assert list(Target().check(replace(signed, collections=(collection(None),)))) == []
    assert list(Target().check(replace(PROJECT, collections=(collection(),)))) == []
