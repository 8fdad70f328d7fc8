"""What the golden cases would bring to a site: cabinets opened by others, digests held to the schemas and read back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from lxml import etree

from policyc.targets.configmgr.digest import Baseline, ConfigurationItem, ScriptSetting, open_cabinet
from policyc.targets.configmgr.digest.reading import read_digest
from unit.signing.making import need

TESTS = Path(__file__).parent
CABINETS = sorted((TESTS / "golden").rglob("*.cab"))
SCHEMAS = TESTS / "unit" / "targets" / "digest" / "schemas"


def named(cabinet: Path) -> str:
    return cabinet.relative_to(TESTS / "golden").as_posix()


def digest_of(contents: dict[str, bytes]) -> bytes:
    (digest,) = (content for name, content in contents.items() if name.endswith(".xml"))
    return digest


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS / "dcm-digest.xsd"))


def test_there_are_cabinets() -> None:
    assert len(CABINETS) > 20


@pytest.mark.parametrize("cabinet", CABINETS, ids=named)
def test_the_digest_is_valid_and_reads_back(cabinet: Path, schema: etree.XMLSchema) -> None:
    digest = digest_of(open_cabinet(cabinet.read_bytes()))
    schema.assertValid(etree.fromstring(digest))
    made = read_digest(digest)
    assert made.unread == ()
    if cabinet.name == "baseline.cab":
        assert isinstance(made, Baseline)
        items = [read_digest(digest_of(open_cabinet(item.read_bytes()))) for item in cabinet.parent.rglob("item.cab")]
        assert {one.unique_id for one in made.items} == {item.identity.unique_id for item in items}
    else:
        assert isinstance(made, ConfigurationItem)
        scripts = [setting for setting in made.settings if isinstance(setting, ScriptSetting)]
        texts = {file.read_bytes() for file in cabinet.parent.rglob("*.ps1")}
        bodies = [body for one in scripts for body in (one.discovery, one.remediation) if body is not None]
        # To the byte: what the client runs is what was reviewed.
        assert {body.encode("ascii") for body in bodies} == texts


def test_cabextract_finds_the_same_files(tmp_path: Path) -> None:
    program = need("cabextract")
    for number, cabinet in enumerate(CABINETS):
        to = tmp_path / str(number)
        subprocess.run([program, "-q", "-d", to, cabinet], check=True, timeout=60, capture_output=True)
        assert {file.name: file.read_bytes() for file in to.iterdir()} == open_cabinet(cabinet.read_bytes()), named(cabinet)


def test_gcab_finds_the_same_files(tmp_path: Path) -> None:
    program = need("gcab")
    for number, cabinet in enumerate(CABINETS):
        to = tmp_path / str(number)
        to.mkdir()
        subprocess.run([program, "-x", "-C", to, cabinet], check=True, timeout=60, capture_output=True)
        assert {file.name: file.read_bytes() for file in to.iterdir()} == open_cabinet(cabinet.read_bytes()), named(cabinet)
