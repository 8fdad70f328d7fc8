"""The resolved policy of a collection as its folder keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from policyc.lowering import lower
from policyc.model import Collection
from policyc.resolved import snapshot
from policyc.source import load_project

COMMON = """\
baseline: {name: Common}
settings:
  deny-lm:
    title: Only NTLMv2 is sent
    severity: critical
    takes_effect: restart
    applies_to: {role: server}
    sensitive: true
    registry:
      key: HKLM\\SOFTWARE\\Wow6432Node\\A
      name: V
      type: dword
      between: [1, {variable: most}]
      set: 2
      default: 3
      pin: true
  gone: {title: Gone, registry: {key: 'HKCU\\SOFTWARE\\A', name: '', absent: true}}
  made: {title: Made, registry: {key: 'HKCU\\SOFTWARE\\A', present: true}}
  pipes: {title: Pipes, registry: {key: 'HKLM\\SOFTWARE\\A', name: P, type: multi_string, contains: [a, b]}}
  raw: {title: Raw, native: true, remediate: false, registry: {key: 'HKLM\\SOFTWARE\\A', name: B, type: binary, equals: 'ff00'}}
  text: {title: Text, registry: {key: 'HKLM\\SOFTWARE\\A', name: T, type: string, equals: x, case: exact}}
"""
EXTENDED = """\
baseline: {name: Extended}
baselines: [Common]
override: {text: {reason: Ours, registry: {one_of: [y, z], set: z}}}
"""
PILOT = """\
collection: {name: Pilot, limited_to: All Systems, members: {devices: [PC-1]}}
baselines: [Extended]
variables: {most: 9}
defender_atp: {state: onboarded, package: {script: x.cmd}}
override: {deny-lm: {reason: 'Scanners: old', severity: none}}
exceptions: [{settings: [made, pipes], reason: R, owner: O, ticket: T-1, expires: '2026-12-31'}]
"""


@pytest.fixture
def lowered(tmp_path: Path):
    def run(**files: str) -> Collection:
        texts = {
            "project": "project: {name: Example, id: 6eb3e9c0-8007-57db-857f-94065b852411}\n",
            "common": COMMON,
            "extended": EXTENDED,
            "pilot": PILOT,
        } | files
        for name, text in texts.items():
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        project, found = lower(load_project(tmp_path))
        assert [one.message for one in found] == []
        (collection,) = project.collections
        return collection

    return run


def test_what_it_holds(lowered):
    tree = yaml.safe_load(snapshot(lowered()))
    settings = tree.pop("settings")
    assert tree == {
        "collection": "Pilot",
        "policy": "pilot.yaml",
        "limited_to": "All Systems",
        "members": {"devices": ["PC-1"]},
        "mode": "enforce",
        "platforms": ["windows-10"],
        "baselines": ["Extended"],
        "states": {"defender_atp": "onboarded"},
        "packages": {
            "onboarding": {
                "product": "Windows Defender ATP",
                "action": "onboard",
                "deployed_as": "package",
                "script": "x.cmd",
            }
        },
        "exceptions": [{"settings": ["made", "pipes"], "reason": "R", "owner": "O", "ticket": "T-1", "expires": "2026-12-31"}],
    }
    assert list(settings) == ["defender-atp-onboarding", "deny-lm", "gone", "raw", "text"]
    assert settings["deny-lm"] == {
        "title": "Only NTLMv2 is sent",
        "from": "baseline 'Common' (common.yaml), through 'Extended'",
        "variables": ["most (pilot.yaml)"],
        "overridden": [{"by": "the collection itself", "reason": "Scanners: old"}],
        "severity": "none",
        "remediate": "write what 'set' says",
        "applies_to": {"role": "server"},
        "takes_effect": "restart",
        "sensitive": True,
        "registry": {
            "key": "HKLM\\SOFTWARE\\A",
            "name": "V",
            "type": "dword",
            "view": 32,
            "between": [1, 9],
            "default": 3,
            "pin": True,
            "set": 2,
        },
    }
    assert settings["gone"]["registry"] == {"key": "HKCU\\SOFTWARE\\A", "name": "", "absent": True}
    assert settings["gone"]["remediate"] == "delete the value"
    assert settings["raw"]["native"]
    assert settings["raw"]["registry"]["equals"] == "FF00"
    assert settings["raw"]["remediate"] == "no, it is only reported"
    assert settings["text"]["overridden"] == [{"by": "baseline 'Extended' (extended.yaml)", "reason": "Ours"}]
    assert settings["text"]["registry"]["one_of"] == ["y", "z"]
    assert "case" not in settings["text"]["registry"]
    assert settings["defender-atp-onboarding"]["from"] == "'state' of 'defender_atp'"


def test_all_that_a_remediation_does(lowered):
    tree = yaml.safe_load(snapshot(lowered(pilot=PILOT.partition("exceptions")[0])))
    assert {name: setting["remediate"] for name, setting in tree["settings"].items()} == {
        "defender-atp-onboarding": "no, it is only reported",
        "deny-lm": "write what 'set' says",
        "gone": "delete the value",
        "made": "create the key",
        "pipes": "append what is missing",
        "raw": "no, it is only reported",
        "text": "write what 'set' says",
    }


def test_a_setting_of_the_collection_itself(lowered):
    own = "collection: {name: Pilot}\nsettings: {o: {title: O, registry: {key: 'HKLM\\SOFTWARE\\A', present: true}}}\n"
    assert yaml.safe_load(snapshot(lowered(pilot=own))) == {
        "collection": "Pilot",
        "policy": "pilot.yaml",
        "mode": "enforce",
        "platforms": ["windows-10"],
        "settings": {
            "o": {
                "title": "O",
                "from": "the collection itself",
                "severity": "warning",
                "remediate": "create the key",
                "registry": {"key": "HKLM\\SOFTWARE\\A", "present": True},
            }
        },
    }


def test_a_change_below_is_the_change_of_a_line(lowered):
    before = snapshot(lowered()).splitlines()
    after = snapshot(lowered(common=COMMON.replace("default: 3", "default: 4"))).splitlines()
    assert len(before) == len(after)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [(b"      default: 3", b"      default: 4")]


@pytest.mark.parametrize(
    "files",
    [
        {"common": "\n\n# a remark\n" + COMMON},
        {"common": COMMON.replace("{role: server}", "{role:   server}   # all of them").replace("set: 2", "set: 0x2")},
        {"pilot": "\n".join(reversed(PILOT.splitlines()))},
        {"other": "baseline: {name: Other}\nbaselines: [Common]\n"},
    ],
)
def test_an_edit_that_changes_nothing_here_changes_nothing(lowered, files):
    assert snapshot(lowered(**files)) == snapshot(lowered())
