"""deploy.ps1 where the project asks for signed scripts: signed output goes to the site, unsigned output doesn't."""

from __future__ import annotations

from pathlib import Path

import pytest

from configmgr.module import write_module
from configmgr.site import Site
from endpoint.deploying import Estate, WarmSite, changes, hardening, onboarding, rows
from endpoint.engine import Session
from policyc.signing import Options, seal_of
from unit.signing.making import Authority, make_authority, need

pytestmark = pytest.mark.powershell


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Somebody whom the devices trust."""
    need("osslsigncode")
    need("openssl")
    folder = tmp_path / "authority"
    folder.mkdir()
    return make_authority(folder)


@pytest.fixture
def site(tmp_path: Path, powershell: Session) -> Site:
    """A site that has discovered a device."""
    site = WarmSite(tmp_path, write_module(tmp_path / "AdminConsole"), powershell)
    site.add_devices("PC-1", "PC-2")
    return site


def test_signed_output_is_deployed_and_unsigned_output_stops(site: Site, tmp_path: Path, authority: Authority) -> None:
    estate = Estate(tmp_path / "estate", {"hardening": hardening(), "on": onboarding("PC-1", exclude=())})
    estate.project["configmgr"]["signing"] = "required"
    estate.compile()
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    before = {row["Check"]: row for row in rows(stopped, "Before anything is changed:")}
    assert before["Signed scripts"]["Result"] == "Stops"
    assert "2 of 2 items hold unsigned scripts" in before["Signed scripts"]["State"]
    assert changes(site) == []

    signed = estate.sign(Options(certificate=authority.open_pfx))
    first = signed.settle(site)
    checks = {row["Check"]: row for row in rows(first, "Before anything is changed:")}
    assert (checks["Signed scripts"]["Result"], checks["Signed scripts"]["State"]) == (
        "OK",
        "2 of 2 items hold signed scripts only",
    )
    items = [item for slug in ("hardening", "onboarding") for item in signed.deployment(slug)["baseline"]["items"]]
    assert {row["LocalizedDescription"] for row in site.rows("items")} == {item["description"] for item in items}
    scripts = list(signed.share.rglob("*.ps1"))
    assert {path.name for path in scripts} == {"detect.ps1", "launch.ps1", "remediate.ps1", "rollback.ps1"}
    assert all(seal_of(path.name, path.read_bytes()) for path in [*scripts, signed.output / "deploy.ps1"])

    site.forget_calls()
    again = estate.deploy(site)
    assert again.exit_code == 1
    assert changes(site) == []
