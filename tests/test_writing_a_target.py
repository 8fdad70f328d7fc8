"""The worked example of docs/targets.md, installed like anyone's target and run."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```(?:python|toml|yaml) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
POLICY = r"""
collection:
  name: Kiosks
settings:
  greeting:
    title: =1+1
    registry:
      key: HKLM\SOFTWARE\Example
      name: Greeting
      type: string
      equals: 'a "quoted", text'
"""


def test_the_worked_example_works(tmp_path: Path) -> None:
    blocks = dict(BLOCK.findall((TOP / "docs" / "targets.md").read_text(encoding="utf-8")))
    site = tmp_path / "site"
    about = site / "policyc_inventory-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: policyc-inventory\nVersion: 1.0\n", encoding="utf-8")
    group = re.search(r'\[project\.entry-points\."(.+)"\]\n(\w+) = "(.+)"', blocks["pyproject.toml"])
    assert group
    (about / "entry_points.txt").write_text(f"[{group[1]}]\n{group[2]} = {group[3]}\n", encoding="utf-8")
    (site / "policyc_inventory.py").write_text(blocks["policyc_inventory.py"], encoding="utf-8")
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "project.yaml").write_text(blocks["project.yaml"], encoding="utf-8")
    (policies / "kiosks.yaml").write_text(POLICY, encoding="utf-8")

    answer = subprocess.run(
        [sys.executable, "-c", "import sys; from policyc.cli.app import main; sys.exit(main())", "compile", "--format", "json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(TOP / "compiler")])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "INV01" in answer.stdout
    with (tmp_path / "output" / "kiosks" / "inventory" / "settings.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.reader(table))
    assert rows[1] == ["greeting", "=1+1", r"HKLM\SOFTWARE\Example : Greeting", "equals", "yes"]
    manifest = json.loads((tmp_path / "output" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["files"]["kiosks/inventory/settings.csv"]["target"] == "inventory"
    assert manifest["files"]["kiosks/scripts/detect.ps1"]["target"] == "configmgr"
