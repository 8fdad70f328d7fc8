"""What the project states of its collections, in the data for deploy.ps1."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from policyc.artifacts import Build
from policyc.driver.check import check
from policyc.driver.walk import walk
from policyc.model import Apart, Location
from policyc.targets.configmgr.site_head import site_json
from unit.analysis.estates import collection, project
from unit.matrix.conftest import collection as policy

QUERY = "members: {query: select ResourceId from SMS_R_System}"


def test_what_is_stated_to_be_apart_can_be_checked_on_the_site() -> None:
    estate = project(collection("Kiosks"), collection("Laptops"))
    assert json.loads(site_json(estate))["disjoint"] == []
    apart = Apart(("Kiosks", "Laptops"), "A kiosk has no battery", Location("project.yaml"))
    assert json.loads(site_json(replace(estate, disjoint=(apart,))))["disjoint"] == [
        {"collections": ["Kiosks", "Laptops"], "reason": "A kiosk has no battery"}
    ]


def test_the_rule_that_an_order_asks_for_reaches_the_site(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(
        "project: {name: Example, id: 6eb3e9c0-8007-57db-857f-94065b852411}\nprecedence: [Kiosks, Desks]\n", encoding="utf-8"
    )
    (tmp_path / "a.yaml").write_text(policy("Kiosks", 60, head=QUERY), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(policy("Desks", 900, head=QUERY), encoding="utf-8")
    checked = check(tmp_path, date(2026, 1, 31))
    assert [one.code for one in checked.diagnostics if one.code.startswith("PC042")] == ["PC0426"]
    files = {file.path: file.content for file in walk(checked, Build())}
    excluded = {
        name: json.loads(files[f"{name}/deployment.json"])["collection"]["members"]["exclude"] for name in ("desks", "kiosks")
    }
    assert excluded == {"desks": ["Kiosks"], "kiosks": []}
