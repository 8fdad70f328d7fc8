"""The pages of docs/ are what they say: generated ones fresh, links alive, examples run."""

from __future__ import annotations

import importlib.util
import json
import re
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from policyc.driver.check import check
from policyc.kinds import KINDS

TOP = Path(__file__).resolve().parents[1]
PAGES = sorted([*TOP.glob("*.md"), *(TOP / "docs").glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def generator() -> ModuleType:
    """docs/generate.py, which is a program and no part of the package."""
    spec = importlib.util.spec_from_file_location("docs_generate", TOP / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["docs/language.md", "docs/diagnostics.md", "schema/baseline.schema.json"])
def test_a_generated_page_is_fresh(name: str) -> None:
    made = generator().PAGES[name]()
    assert (TOP / name).read_text(encoding="utf-8") == made, "run `python3 dev.py docs`"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as Git hosts make them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in HEADING.findall(text)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for target, anchor in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor[1:] not in anchors(file)):
            dead.append(target + anchor)
    assert dead == []


XML = re.compile(r"^```xml (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROJECT = "project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
EXAMPLE = re.compile(r"^```yaml\n(collection:.*?)^```$", re.MULTILINE | re.DOTALL)
SCRIPT = re.compile(r"^```powershell (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_example_of_kinds_compiles(tmp_path: Path) -> None:
    """Without a finding, and with a setting of every kind."""
    [example] = EXAMPLE.findall((TOP / "docs" / "kinds.md").read_text(encoding="utf-8"))
    (tmp_path / "servers.yaml").write_text(example, encoding="utf-8")
    for name, text in SCRIPT.findall((TOP / "docs" / "kinds.md").read_text(encoding="utf-8")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "project.yaml").write_text(PROJECT, encoding="utf-8")
    checked = check(tmp_path, date(2026, 1, 31))
    assert list(checked.diagnostics) == []
    [collection] = checked.collections
    assert {one.subject.word for one in collection.settings} == KINDS.keys()


def test_every_property_of_the_schemas_is_described() -> None:
    """What editors show beside a key, and the language reference prints."""
    module = generator()
    silent = []

    def walk(root: dict[str, object], schema: dict[str, object], path: tuple[str, ...]) -> None:
        for key, value, _ in module.members(root, schema):
            if key != "<id>" and not value.get("description"):
                silent.append(".".join((*path, key)))
            walk(root, value, (*path, key))

    for name in ("project", "collection", "state", "tests"):
        schema = json.loads((TOP / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
        walk(schema, schema, (name,))
    assert silent == []


def test_the_example_of_administrative_templates_unfolds_as_it_says(tmp_path: Path) -> None:
    page = (TOP / "docs" / "administrative-templates.md").read_text(encoding="utf-8")
    (project,) = re.findall(r"^```yaml\n(project:.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (policy,) = EXAMPLE.findall(page)
    for name, text in {"project.yaml": project, "kiosks.yaml": policy, **dict(XML.findall(page))}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    checked = check(tmp_path, date(2026, 1, 31), open_shelf=None)
    assert [one.code for one in checked.diagnostics if one.code != "PC0504"] == []
    table = re.findall(r"^\| `([a-z0-9-]+)` \| `([^`]+)`", page, re.MULTILINE)
    assert [(one.id, one.subject.place.name) for one in checked.collections[0].settings] == table
