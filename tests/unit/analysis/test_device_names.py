"""PC0436: files that Windows takes for devices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policyc.analysis.device_names import device_in, device_names
from policyc.model import Location
from unit.analysis.estates import CONTEXT, collection, onboarding, project


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("con.cmd", "con.cmd"),
        ("CON", "CON"),
        ("aux.tar.gz", "aux.tar.gz"),
        ("Nul .txt", "Nul .txt"),
        ("com1.onboarding", "com1.onboarding"),
        ("LPT\u00b2.cmd", "LPT\u00b2.cmd"),
        ("CONOUT$", "CONOUT$"),
        (r"\\files\share\prn\in", "prn"),
        ("packages/lpt9/in", "lpt9"),
        (r"C:\in\com0.zip", "com0.zip"),
    ],
)
def test_devices(path: str, part: str) -> None:
    assert device_in(path) == part


@pytest.mark.parametrize("path", ["console.cmd", "my con.cmd", "com10.cmd", "a.con", r"\\files\aux-in\x", "lpt", "com", ""])
def test_other_names(path: str) -> None:
    assert device_in(path) is None


def test_each_word_that_names_a_file() -> None:
    package = onboarding("con.cmd", configuration_file="nul.onboarding", source=r"\\files\aux")
    estate = project(collection("Pilot", "onboarded", packages=(package,)))
    found = list(device_names(replace(estate, content_source=r"\\files\com3\in"), CONTEXT))
    assert [one.code for one in found] == ["PC0436"] * 4
    assert {one.level for one in found} == {"error"}
    assert found[0].location == Location("project.yaml", ("configmgr", "content_source"))
    assert [one.location.path[-1] for one in found[1:]] == ["script", "configuration_file", "source"]
    assert [one.holds for one in found] == [None, "pilot", "pilot", "pilot"]
