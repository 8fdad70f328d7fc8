"""deploy-intune.ps1 where the project asks for signed scripts: signed output goes to the tenant, unsigned output doesn't."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from endpoint.deploying import Estate
from endpoint.engine import Session
from endpoint.graph import Graph
from endpoint.tenant import bring, done, ring
from policyc.driver.order import Order
from policyc.driver.output import run
from policyc.signing import Options, Seals, seal_of
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


def test_signed_output_is_brought_and_unsigned_output_stops(powershell: Session, tmp_path: Path, authority: Authority) -> None:
    collection = ring()
    collection["intune"]["more_info"] = "https://intranet.example.com/compliance"
    estate = Estate(tmp_path / "estate", {"ring": collection})
    estate.project["configmgr"]["signing"] = "required"
    estate.project["targets"] = ["intune"]
    estate.compile()
    page = (estate.output / "ring" / "intune" / "README.md").read_text(encoding="utf-8")
    assert "Deploy or upload from the folder that `policyc sign` writes" in page
    signed = estate.sign(Options(certificate=authority.open_pfx))
    with Graph() as graph:
        stopped = bring(powershell, estate, graph)
        assert (stopped.exit_code, graph.requests) == (1, [])
        assert "isn't signed, and devices are told to run signed scripts only" in stopped.stdout
        first = bring(powershell, signed, graph)
        assert (first.exit_code, first.stderr) == (0, ""), first.stdout
        scripts = {
            name: [one[content] for content in ("detectionScriptContent", "remediationScriptContent") if one.get(content)]
            for kind in ("deviceHealthScripts", "deviceComplianceScripts")
            for name, one in graph.held(kind).items()
            if one["enforceSignatureCheck"] is True
        }
        assert {name: len(contents) for name, contents in scripts.items()} == {
            "Ring: settings": 2,
            "Ring: settings that are only reported": 1,
            "Ring: rollback": 2,
            "Ring: custom compliance": 1,
        }
        for content in (base64.b64decode(one) for contents in scripts.values() for one in contents):
            assert seal_of("script.ps1", content) is not None
            # With a byte order mark, a client that checks signatures refuses the script.
            assert content.isascii()
        graph.requests.clear()
        second = bring(powershell, signed, graph)
        assert (second.exit_code, done(second), graph.sent) == (0, [], [])
    assert seal_of("deploy-intune.ps1", (signed.output / "deploy-intune.ps1").read_bytes()) is not None


def test_an_output_for_intune_alone_is_known_for_a_signed_one(tmp_path: Path, authority: Authority) -> None:
    estate = Estate(tmp_path / "estate", {"ring": ring()})
    estate.project["targets"] = ["intune"]
    estate.compile()
    signed = estate.sign(Options(certificate=authority.open_pfx))
    assert not (signed.output / "deploy.ps1").exists()
    assert (Seals(signed.output).is_signed, Seals(estate.output).is_signed) == (True, False)
    over = run(Order(estate.folder / "policies", signed.output, estate.as_of))
    assert [one.code for one in over.diagnostics if one.is_error] == ["PC0623"]
    checked = run(Order(estate.folder / "policies", signed.output, estate.as_of, check_only=True))
    assert [one for one in checked.diagnostics if one.is_error] == []
