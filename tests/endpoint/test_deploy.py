"""deploy.ps1 against the stand-in site: what is there after a run, and what a second run leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from configmgr.module import write_module
from configmgr.site import Site
from endpoint.deploying import Estate, hardening, offboarding, onboarding, rows
from endpoint.engine import find_powershell

pytestmark = pytest.mark.powershell


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What SMS_ADMIN_UI_PATH names."""
    if find_powershell() is None:
        pytest.skip("no PowerShell: set POLICYC_POWERSHELL, or put pwsh on the PATH")
    return write_module(tmp_path_factory.mktemp("AdminConsole"))


@pytest.fixture
def site(tmp_path: Path, console: Path) -> Site:
    """A site that has discovered a few devices."""
    site = Site(tmp_path, console)
    site.add_devices("PC-1", "PC-2", "PC-3", "PC-9")
    return site


def test_an_empty_site_has_it_all_after_one_run(site: Site, tmp_path: Path) -> None:
    estate = Estate(tmp_path / "estate", {"hardening": hardening(), "on": onboarding("PC-1"), "off": offboarding("PC-9")})
    estate.compile()
    first = estate.deploy(site)
    assert (first.exit_code, first.stderr) == (0, "")
    assert {row["Name"] for row in site.rows("collections", IsBuiltIn=False)} == {"Hardening", "Onboarding", "Offboarding"}
    assert len(site.rows("baselines")) == len(site.rows("baselineDeployments")) == 3
    waiting = [row for row in rows(first) if row["Action"] == "waiting"]
    assert [row["Object"] for row in waiting] == ["Offboarding - Offboarding to Offboarding"]

    site.forget_calls()
    second = estate.deploy(site)
    assert (second.exit_code, second.stderr) == (0, "")
    assert site.changes() == []
    assert {row["Action"] for row in rows(second)} == {"unchanged", "waiting"}
