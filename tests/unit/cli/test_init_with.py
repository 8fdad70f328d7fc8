"""`policyc init --with`: policies to begin with, real ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from policyc.driver.starters import STARTERS, starter_files
from policyc.kinds import word_in

BASELINE = "policies/baselines/windows-baseline.yaml"
HEAD = re.compile(r"^  ([a-z0-9-]+):$", re.MULTILINE)


@pytest.mark.parametrize("names", [["windows-baseline"], ["defender-atp"], sorted(STARTERS)], ids="-".join)
def test_they_compile_without_a_finding(
    policyc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    answer = policyc("init", tmp_path / "estate", *(word for name in names for word in ("--with", name)))
    assert answer.code == 0
    monkeypatch.chdir(tmp_path / "estate")
    for path in starter_files(names):
        assert f"estate/{path}\n" in answer.out
        schema = Path(path).parent / Path(path).read_text("utf-8").splitlines()[0].removeprefix(
            "# yaml-language-server: $schema="
        )
        assert schema.is_file()
    answer = policyc("compile")
    assert (answer.code, answer.err) == (0, "")


def test_a_new_collection_lists_the_baseline_and_changes_nothing(
    policyc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policyc("init", tmp_path, "--with", "windows-baseline")
    text = (tmp_path / "policies" / "workstations.yaml").read_text("utf-8")
    assert yaml.safe_load(text) == {
        "collection": {"name": "Workstations", "mode": "audit"},
        "baselines": ["Windows baseline"],
        "deployment": {"remediate_program": True},
    }
    # What stands behind marks there is true as well.
    (tmp_path / "policies" / "workstations.yaml").write_text(re.sub("(?m)^#(?=[a-z]|  )", "", text), "utf-8")
    monkeypatch.chdir(tmp_path)
    answer = policyc("validate", "--as-of", "2026-01-01")
    assert answer.code == 0, answer.err
    assert "exceptions" in yaml.safe_load((tmp_path / "policies" / "workstations.yaml").read_text("utf-8"))


def test_a_collection_that_is_there_stays(policyc: Any, tmp_path: Path) -> None:
    assert policyc("init", tmp_path).code == 0
    before = (tmp_path / "policies" / "workstations.yaml").read_bytes()
    answer = policyc("init", tmp_path, "--with", "windows-baseline")
    assert answer.code == 0
    assert (tmp_path / BASELINE).is_file()
    assert (tmp_path / "policies" / "workstations.yaml").read_bytes() == before


def test_wrong_usage(policyc: Any, tmp_path: Path) -> None:
    assert policyc("init", tmp_path, "--with", "weather").code == 2
    assert policyc("init", tmp_path, "--with", "defender-atp", "--id").code == 2
    assert not list(tmp_path.iterdir())


def test_the_baseline_says_of_each_setting_why_and_what_may_break() -> None:
    text = starter_files(["windows-baseline"])[BASELINE].decode("utf-8")
    settings = yaml.safe_load(text)["settings"]
    assert 55 <= len(settings) <= 80
    assert {word_in(setting) for setting in settings.values()} >= {"registry", "audit_policy", "user_right"}
    parts = re.split(r"(?m)^  (?=# May break)", text)[1:]
    assert [HEAD.findall(part) for part in parts] == [[name] for name in settings]
    for name, setting in settings.items():
        assert setting["title"], name
        assert setting["why"], name
        assert setting["severity"] in ("informational", "warning", "critical"), name
    titles = [setting["title"] for setting in settings.values()]
    assert len(set(titles)) == len(titles)


def test_most_values_say_what_windows_does_without_them() -> None:
    settings = yaml.safe_load(starter_files(["windows-baseline"])[BASELINE])["settings"]
    of_registry = [setting["registry"] for setting in settings.values() if "registry" in setting]
    assert sum("default" in said for said in of_registry) > len(of_registry) / 2
