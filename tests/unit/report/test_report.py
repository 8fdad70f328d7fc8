"""What a report says of an estate, in each of its forms."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from policyc.diagnostics import Diagnostic
from policyc.driver.report import estate_report
from policyc.report import Report, as_json, as_markdown, page
from policyc.report.model import Cover

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)//"
DAY = date(2026, 12, 15)
PROJECT = """\
project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}
configmgr: {signing: none}
benchmarks: {Own list: lists/own.txt}
disjoint: [{collections: [Kiosks, Laptops], reason: A kiosk has no battery}]
"""
BASE = """\
baseline: {name: Base}
settings:
  lan:
    title: Only NTLMv2 is sent
    severity: critical
    references: [own  1]
    registry: {key: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa', name: LmCompatibilityLevel, type: dword, at_least: 5}
  smb:
    title: No SMB 1
    remediate: false
    references: [OWN 2, another 7]
    registry: {key: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\X', name: SMB1, type: dword, equals: 0}
  tree:
    title: Tree
    references: [OWN 3]
    registry: {key: 'HKLM\\SOFTWARE\\Contoso\\Old', absent: true, recurse: true}
"""
COLLECTION = """\
collection: {{name: {name}, limited_to: All Systems}}
baselines: [Base]
{more}settings:
  own:
    title: Own
    sensitive: true
    registry: {{key: 'HKLM\\SOFTWARE\\Contoso', name: V, type: string, equals: {value}}}
"""
WITHOUT = "exceptions: [{settings: [tree, smb], reason: Vendor X, owner: Desk, expires: 2027-01-05, ticket: CHG-1}]\n"
LIST = "# What we want\nOWN 1\tLAN Manager\nOWN 2\nown  2\tsaid before\nOWN 3\n\nOWN 4\tNobody\n"


def reported(folder: Path, project: str = PROJECT, own: str | None = LIST) -> tuple[Report | None, list[Diagnostic]]:
    (folder / "lists").mkdir(parents=True)
    files = {
        "project.yaml": project,
        "base.yaml": BASE,
        "kiosks.yaml": COLLECTION.format(name="Kiosks", value="secret-1", more=WITHOUT),
        "laptops.yaml": COLLECTION.format(name="Laptops", value="secret-2", more=""),
        "servers.yaml": COLLECTION.format(name="Servers", value="secret-3", more=WITHOUT.replace("2027-01-05", "2026-12-20")),
    }
    if own is not None:
        files["lists/own.txt"] = own
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return estate_report(folder, DAY)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    found, errors = reported(tmp_path / "policies")
    assert errors == []
    assert found is not None
    return found


def test_collections(report: Report) -> None:
    assert [(one.name, one.settings, one.remediated, one.excepted, one.conflicts) for one in report.collections] == [
        ("Kiosks", 2, 2, 2, 1),
        ("Laptops", 4, 3, 0, 1),
        ("Servers", 2, 2, 2, 2),
    ]
    assert report.collections[1].severities == (("critical", 1), ("warning", 3))
    assert report.collections[1].baselines == ("Base",)


def test_a_setting_of_a_baseline_stands_once(report: Report) -> None:
    rows = {(one.id, one.source): one for one in report.settings}
    assert len(rows) == len(report.settings) == 6
    assert rows["lan", "Base"].collections == ("Kiosks", "Laptops", "Servers")
    assert (rows["smb", "Base"].collections, rows["smb", "Base"].excepted_in) == (("Laptops",), ("Kiosks", "Servers"))
    assert rows["own", "kiosks.yaml"].collections == ("Kiosks",)
    assert report.severities == (("critical", 1), ("warning", 5))


def test_coverage_takes_the_best_of_all_collections(report: Report) -> None:
    [own] = report.coverage
    assert [(one.reference, one.title, one.cover) for one in own.entries] == [
        ("OWN 1", "LAN Manager", Cover.SET),
        ("OWN 2", "", Cover.REPORTED),
        ("OWN 3", "", Cover.SET),
        ("OWN 4", "Nobody", Cover.MISSING),
    ]
    assert own.by_collection == (("Kiosks", 1, 0, 2, 1), ("Laptops", 2, 1, 0, 1), ("Servers", 1, 0, 2, 1))
    assert own.entries[2].excepted_in == ("Kiosks", "Servers")
    assert own.counts == {Cover.SET: 2, Cover.REPORTED: 1, Cover.EXCEPTED: 0, Cover.MISSING: 1}


def test_what_every_collection_is_excepted_from_is_no_gap(tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    reported(policies)
    file = policies / "laptops.yaml"
    file.write_text(COLLECTION.format(name="Laptops", value="x", more=WITHOUT), encoding="utf-8")
    found, _ = estate_report(policies, DAY)
    assert found is not None
    assert [one.cover for one in found.coverage[0].entries] == [Cover.SET, Cover.EXCEPTED, Cover.EXCEPTED, Cover.MISSING]
    assert found.kept == [], "nobody has the tree any more"


def test_endings_conflicts_and_what_stays(report: Report) -> None:
    assert [(one.collection, one.ends.isoformat(), one.days, one.owner, one.ticket) for one in report.endings] == [
        ("Servers", "2026-12-20", 5, "Desk", "CHG-1"),
        ("Kiosks", "2027-01-05", 21, "Desk", "CHG-1"),
    ]
    assert {(one.one, one.other, one.answer) for one in report.fights} == {
        ("Kiosks", "Servers", "perhaps"),
        ("Laptops", "Servers", "perhaps"),
    }
    assert [one.what for one in report.statements] == ["share no device"]
    assert [(one.id, one.stays[:28]) for one in report.kept] == [("tree", "it removes whatever lies bel")]


def test_data_that_nobody_may_see_is_in_no_form(report: Report) -> None:
    forms = [page.render(report).decode("ascii"), "".join(as_markdown.render(report)), as_json.render(report)]
    assert [text for text in forms if "secret-" in text] == []


def test_json_is_for_programs(report: Report) -> None:
    tree = json.loads(as_json.render(report))
    assert (tree["version"], tree["day"], tree["project"]) == (1, "2026-12-15", "Example estate")
    assert tree["coverage"][0]["counts"] == {"set": 2, "reported": 1, "excepted": 0, "missing": 1}
    assert tree["coverage"][0]["by_collection"][0] == {
        "collection": "Kiosks",
        "set": 1,
        "reported": 0,
        "excepted": 2,
        "missing": 1,
    }
    assert tree["collections"][0]["severities"] == {"critical": 1, "warning": 1}
    assert tree["settings"][0]["place"] == "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa : LmCompatibilityLevel"


def test_text_of_a_policy_is_no_markup(tmp_path: Path) -> None:
    project = PROJECT.replace("Example estate", f"'{HOSTILE} @team | x', publisher: Us")
    found, errors = reported(tmp_path / "policies", project, f"OWN 1\t{HOSTILE}|@team\n")
    assert errors == []
    assert found is not None
    html = page.render(found).decode("ascii")
    assert "<img" not in html
    assert html.count("<script>") == html.count("</script>") == 1
    text = "".join(as_markdown.render(found))
    assert "<img" not in text.replace("\\<img", "")
    assert "@team" not in text
    tables = [line for line in text.splitlines() if line.startswith("| OWN 1")]
    assert [line.replace("\\|", "").count("|") for line in tables] == [7]


def test_the_drawing_is_well_formed(report: Report) -> None:
    html = page.render(report).decode("ascii")
    drawing = fromstring(html[html.index("<svg") : html.index("</svg>") + 6])
    bars = drawing.findall("rect")
    assert [one.get("class") for one in bars] == ["soon", "soon"]
    assert int(bars[0].get("width", "0")) < int(bars[1].get("width", "0"))


def test_nothing_that_ends_is_drawn_nowhere(tmp_path: Path) -> None:
    assert page.time_line((), DAY) is None


@pytest.mark.parametrize(
    ("project", "own", "said"),
    [
        (PROJECT, None, "can't be read"),
        (PROJECT, "# nothing\n", "names nothing"),
        (PROJECT, "x" * 1_048_577, "more than 1,048,576 bytes"),
        (PROJECT.replace("lists/own.txt", "../own.txt"), LIST, "may lead out of the policies folder"),
        (PROJECT.replace("lists/own.txt", "'C:own.txt'"), LIST, "may lead out of the policies folder"),
    ],
)
def test_a_list_that_cannot_be_used_leaves_no_report(tmp_path: Path, project: str, own: str | None, said: str) -> None:
    found, [error] = reported(tmp_path / "policies", project, own)
    assert found is None
    assert (error.code, error.location.path) == ("PC2601", ("benchmarks", "Own list"))
    assert said in error.message
    assert error.help


def test_a_list_that_is_no_text(tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    reported(policies)
    (policies / "lists" / "own.txt").write_bytes("OWN 1\n".encode("utf-16"))
    found, [error] = estate_report(policies, DAY)
    assert found is None
    assert "is not UTF-8" in error.message


def test_nothing_ends_and_nothing_fights(tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "project.yaml").write_text(PROJECT.splitlines()[0], encoding="utf-8")
    found, errors = estate_report(policies, DAY)
    assert errors == []
    assert found is not None
    html = page.render(found).decode("ascii")
    assert "No two collections that can share a device are in conflict." in html
    assert "<svg" not in html
    assert "takes back all that its remediation wrote" in html
