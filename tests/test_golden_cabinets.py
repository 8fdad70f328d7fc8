"""What the golden cases would bring to a site: cabinets opened by others, digests held to the schemas and read back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from policyc.targets.configmgr.digest import Baseline, ConfigurationItem, ScriptSetting, open_cabinet
from test_golden import compile_case
from unit.signing.making import need
from unit.targets.digest.reading import read_digest

TESTS = Path(__file__).parent
SCHEMAS = TESTS / "unit" / "targets" / "digest" / "schemas"
MANIFESTS = sorted((TESTS / "golden").glob("*/output/manifest.json"))
BUILT = [
    (manifest.parent.parent.name, path)
    for manifest in MANIFESTS
    for path, entry in json.loads(manifest.read_bytes())["files"].items()
    if path.endswith(".cab")
]
"""(Case, path below its output) of every cabinet: git keeps none, so they are built for this test."""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of the golden cases, compiled here, a folder each."""
    to = tmp_path_factory.mktemp("golden")
    for case in sorted({case for case, _ in BUILT}):
        compile_case(case, to / case)
    return to


@pytest.fixture(scope="module")
def cabinets(outputs: Path) -> list[Path]:
    return [outputs / case / path for case, path in BUILT]


def digest_of(contents: dict[str, bytes]) -> bytes:
    (digest,) = (content for name, content in contents.items() if name.endswith(".xml"))
    return digest


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS / "dcm-digest.xsd"))


def test_there_are_cabinets() -> None:
    assert len(BUILT) > 20


@pytest.mark.parametrize(("case", "path"), BUILT, ids=["/".join(one) for one in BUILT])
def test_the_digest_is_valid_and_reads_back(outputs: Path, case: str, path: str, schema: etree.XMLSchema) -> None:
    cabinet = outputs / case / path
    digest = digest_of(open_cabinet(cabinet.read_bytes()))
    schema.assertValid(etree.fromstring(digest))
    made = read_digest(digest)
    assert made.unread == ()
    if cabinet.name == "configuration-baseline.cab":
        assert isinstance(made, Baseline)
        items = [
            read_digest(digest_of(open_cabinet(item.read_bytes()))) for item in cabinet.parent.rglob("configuration-item.cab")
        ]
        assert {one.unique_id for one in made.items} == {item.identity.unique_id for item in items}
    else:
        assert isinstance(made, ConfigurationItem)
        scripts = [setting for setting in made.settings if isinstance(setting, ScriptSetting)]
        texts = {file.read_bytes() for file in cabinet.parent.rglob("*.ps1")}
        bodies = [body for one in scripts for body in (one.discovery, one.remediation) if body is not None]
        # To the byte: what the client runs is what was reviewed.
        assert {body.encode("ascii") for body in bodies} == texts


def test_cabextract_finds_the_same_files(cabinets: list[Path], tmp_path: Path) -> None:
    program = need("cabextract")
    for number, cabinet in enumerate(cabinets):
        to = tmp_path / str(number)
        subprocess.run([program, "-q", "-d", to, cabinet], check=True, timeout=60, capture_output=True)
        assert {file.name: file.read_bytes() for file in to.iterdir()} == open_cabinet(cabinet.read_bytes()), cabinet


def test_gcab_finds_the_same_files(cabinets: list[Path], tmp_path: Path) -> None:
    program = need("gcab")
    for number, cabinet in enumerate(cabinets):
        to = tmp_path / str(number)
        to.mkdir()
        subprocess.run([program, "-x", "-C", to, cabinet], check=True, timeout=60, capture_output=True)
        assert {file.name: file.read_bytes() for file in to.iterdir()} == open_cabinet(cabinet.read_bytes()), cabinet
