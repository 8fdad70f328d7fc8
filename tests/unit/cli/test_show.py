"""`policyc show`: what holds for a collection, and where each value comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

COMMON = """\
baseline: {name: Common}
variables:
  most: 9
settings:
  deny-lm:
    title: Only NTLMv2 is sent
    severity: critical
    registry:
      key: HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa
      name: LmCompatibilityLevel
      type: dword
      at_least: 5
      default: 3
  secret:
    title: The secret is set
    sensitive: true
    registry:
      key: HKLM\\SOFTWARE\\Policies\\Example\\A long key that leaves no room for its place
      name: Secret
      type: string
      equals: hunter2
  bounded:
    title: Bounded
    applies_to: {from_build: 22000, role: server}
    registry:
      key: HKLM\\SOFTWARE\\Example
      name: ''
      type: dword
      between: [1, {variable: most}]
      set: {variable: most}
"""
PILOT = """\
collection:
  name: Pilot workstations
  members:
    devices: [PC-1, PC-2]
baselines: [Common]
variables:
  tag: Ring 1
defender_atp:
  state: onboarded
  device_tag: {variable: tag}
override:
  deny-lm:
    reason: |
      Scanners of the branch offices
      speak nothing newer
    severity: none
    registry:
      at_least: 3
  secret:
    reason: Ours
    registry:
      equals: hunter3
exceptions:
  - settings: [bounded]
    reason: Wall displays
    owner: Facility management
    ticket: CHG-1234
    expires: 2026-12-31
"""


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    policies = tmp_path / "policies"
    (policies / "rings").mkdir(parents=True)
    (policies / "project.yaml").write_text(
        "project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\n", encoding="utf-8"
    )
    (policies / "common.yaml").write_text(COMMON, encoding="utf-8")
    (policies / "rings" / "pilot.yaml").write_text(PILOT, encoding="utf-8")
    (policies / "audit.yaml").write_text("collection:\n  name: Audit\n  mode: audit\nbaselines: [Common]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return policies


@pytest.mark.parametrize(
    "asked",
    ["Pilot workstations", "PILOT WORKSTATIONS", "pilot-workstations", "policies/rings/pilot.yaml", "rings/pilot.yaml"],
)
def test_a_collection_by_name_folder_and_file(policyc: Any, layers: Path, asked: str) -> None:
    answer = policyc("show", asked)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Pilot workstations\n  policy        rings/pilot.yaml\n")


def test_text_of_a_setting(policyc: Any, layers: Path) -> None:
    answer = policyc("show", "pilot-workstations", "deny-lm")
    assert answer.code == 0
    assert answer.out == (
        "Pilot workstations\n"
        "\n"
        "deny-lm: Only NTLMv2 is sent\n"
        "  from          baseline 'Common' (common.yaml)\n"
        "  severity      none                                            rings/pilot.yaml:16  collection 'Pilot workstations'\n"
        "  remediate     write what 'at_least' says                      (default)\n"
        "  key           HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa       common.yaml:9  baseline 'Common'\n"
        "  name          LmCompatibilityLevel                            common.yaml:10  baseline 'Common'\n"
        "  type          dword                                           common.yaml:11  baseline 'Common'\n"
        "  at_least      3                                               rings/pilot.yaml:18  collection 'Pilot workstations'\n"
        "  overridden    by the collection itself, rings/pilot.yaml:12\n"
        '  was           severity "critical", at_least 5, default 3\n'
        "  because       Scanners of the branch offices\n"
        "                speak nothing newer\n"
    )


def test_text_of_the_whole(policyc: Any, layers: Path) -> None:
    out = policyc("show", "pilot-workstations").out
    assert "  states        defender_atp: onboarded\n  devices       PC-1, PC-2\n" in out
    assert (
        "  exception     bounded\n  until         2026-12-31 (rings/pilot.yaml:24)\n"
        "  owner         Facility management, ticket CHG-1234\n  because       Wall displays\n"
    ) in out
    assert "bounded: Bounded (not in force: exception)\n" in out
    assert "  from          'device_tag' of 'defender_atp'\n" in out
    assert '  name          ""' in out
    assert out.count("from the variable 'tag'") == 1
    assert out.count("from the variable 'most'") == 2
    assert "                from the variable 'most'                        common.yaml:3  baseline 'Common'\n" in out
    assert "  applies_to    from_build 22000, role server                   common.yaml:24  baseline 'Common'\n" in out
    assert max(map(len, out.splitlines())) <= 120


def test_the_values_of_a_key_are_shown_as_a_person_would_write_them(policyc: Any, layers: Path) -> None:
    (layers / "lists.yaml").write_text(
        "collection: {name: Lists}\nsettings:\n  a:\n    title: x\n    registry:\n      key: HKLM\\SOFTWARE\\Example\n"
        "      only_values: {'': {type: dword, data: 1}, B: {type: multi_string, data: [x]}}\n",
        encoding="utf-8",
    )
    shown = " ".join(policyc("show", "lists").out.split())
    assert '"" {type: dword, data: 1}, B {type: multi_string, data: ["x"]}' in shown


def test_data_of_a_sensitive_setting_is_masked(policyc: Any, layers: Path) -> None:
    for form in ("text", "json", "yaml"):
        out = policyc("show", "pilot-workstations", "secret", "--format", form).out
        assert "(sensitive)" in out
        assert "hunter" not in out


def test_what_audit_does(policyc: Any, layers: Path) -> None:
    out = policyc("show", "audit", "deny-lm").out
    assert "  remediate     no, it is only reported                         audit.yaml:3  collection 'Audit'\n" in out


def test_json_and_yaml_hold_the_same(policyc: Any, layers: Path) -> None:
    tree = json.loads(policyc("show", "pilot-workstations", "--format", "json").out)
    assert yaml.safe_load(policyc("show", "pilot-workstations", "--format", "yaml").out) == tree
    assert tree["version"] == 1
    assert list(tree["settings"]) == ["defender-atp-onboarding", "defender-atp-device-tag", "deny-lm", "secret"]
    assert list(tree["exempted"]) == ["bounded"]
    assert tree["exceptions"] == [
        {
            "settings": ["bounded"],
            "reason": "Wall displays",
            "owner": "Facility management",
            "ticket": "CHG-1234",
            "expires": "2026-12-31",
            "file": "rings/pilot.yaml",
            "line": 24,
        }
    ]
    setting = tree["settings"]["deny-lm"]
    assert setting["registry"]["at_least"] == 3
    assert setting["origins"]["registry.at_least"] == {
        "layer": "collection 'Pilot workstations'",
        "file": "rings/pilot.yaml",
        "line": 18,
    }
    assert setting["origins"]["remediate"] == {"layer": "default"}
    assert setting["overridden"] == [
        {
            "by": "the collection itself",
            "reason": "Scanners of the branch offices\nspeak nothing newer\n",
            "file": "rings/pilot.yaml",
            "line": 12,
            "replaced": {
                "severity": '"critical"',
                "registry.at_least": "5",
                "registry.default": "3",
            },
        }
    ]
    assert tree["exempted"]["bounded"]["origins"]["registry.between"]["variables"] == {
        "most": {"layer": "baseline 'Common'", "file": "common.yaml", "line": 3}
    }


def test_every_line_holds_what_is_shown(policyc: Any, layers: Path) -> None:
    tree = json.loads(policyc("show", "pilot-workstations", "--format", "json").out)
    seen = 0
    for setting in [*tree["settings"].values(), *tree["exempted"].values()]:
        for word, origin in setting["origins"].items():
            if "line" in origin and not setting["from"].endswith("'defender_atp'"):
                line = (layers / origin["file"]).read_text("utf-8").splitlines()[origin["line"] - 1]
                assert f"{word.rpartition('.')[2]}:" in line
                seen += 1
    assert seen > 15


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pilot-workstation"], "no collection is called 'pilot-workstation'; did you mean 'pilot-workstations'?"),
        (["Xyz"], "no collection is called 'Xyz'; there are 2, by name, folder or file"),
        (["policies/common.yaml"], "no collection is called 'policies/common.yaml'"),
        (["audit", "deny-ln"], "'Audit' has no setting 'deny-ln'; did you mean 'deny-lm'?"),
        (["audit", "zzz"], "'Audit' has no setting 'zzz'; policyc show audit shows all"),
    ],
)
def test_what_is_not_there_is_wrong_usage(policyc: Any, layers: Path, arguments: list[str], words: str) -> None:
    answer = policyc("show", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err


def test_errors_are_told_and_the_rest_is_shown(policyc: Any, layers: Path) -> None:
    (layers / "audit.yaml").write_text("collection: {name: Audit}\nbaselines: [Commn]\n", encoding="utf-8")
    answer = policyc("show", "pilot-workstations", "deny-lm")
    assert answer.code == 1
    assert "error[PC0328]" in answer.err
    assert answer.out.startswith("Pilot workstations\n")
    (layers / "audit.yaml").write_text("collection: {nmae: Audit}\n", encoding="utf-8")
    answer = policyc("show", "audit")
    assert (answer.code, answer.out) == (1, "")
    assert "error[PC02" in answer.err
    assert policyc("show", "pilot-workstations", "nothing").code == 1


def test_without_policies(policyc: Any, tmp_path: Path) -> None:
    answer = policyc("show", "pilot", "--policies", tmp_path / "nowhere")
    assert (answer.code, answer.out) == (1, "")
    assert "error[PC0118]" in answer.err


def test_policy_text_does_nothing_to_a_terminal(policyc: Any, layers: Path) -> None:
    hostile = PILOT.replace("Wall displays", '"a\\e[31mb\\u202e"').replace("Ring 1", '"\\e]0;x"')
    (layers / "rings" / "pilot.yaml").write_text(hostile, encoding="utf-8")
    for form in ("text", "json", "yaml"):
        answer = policyc("show", "pilot-workstations", "--format", form)
        assert "\x1b" not in answer.out
        assert "\u202e" not in answer.out
