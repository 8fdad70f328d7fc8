"""What Graph takes of the target's files, read as its documentation says it: a reader of the tests' own."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policyc.artifacts import Build
from policyc.driver.check import check
from policyc.targets.csp import Csp

HEAD = "project: {name: E, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\ntargets: [csp]\n"
ATP = "./Device/Vendor/MSFT/WindowsAdvancedThreatProtection"
OMA = {"String": str, "Integer": int, "Boolean": bool}
"""omaSetting types of Graph v1.0 that are used, and what `value` of each is."""
NODES = {
    "Onboarding": ("String", True),
    "Offboarding": ("String", True),
    "Configuration/SampleSharing": ("Integer", True),
    "Configuration/TelemetryReportingFrequency": ("Integer", True),
    "DeviceTagging/Group": ("String", True),
    "HealthState/SenseIsRunning": ("Boolean", False),
    "HealthState/OnboardingState": ("Integer", False),
}
"""Of the product's DDF: type, and whether it can be replaced."""


def files(folder: Path, policy: str, project: str = "") -> dict[str, Any]:
    """What the target makes of a collection's file, JSON read, by the path below `csp/`."""
    (folder / "project.yaml").write_text(HEAD + project, encoding="utf-8", newline="\n")
    (folder / "a.yaml").write_text(policy, encoding="utf-8", newline="\n")
    found = check(folder, date(2026, 1, 15))
    assert [str(one.message) for one in found.diagnostics if one.is_error] == []
    (collection,) = found.collections
    made = Csp().artifacts(found.project, collection, Build())
    texts = {one.path.removeprefix(f"{collection.slug}/csp/"): one.content for one in made}
    return {path: json.loads(text) if path.endswith(".json") else text.decode() for path, text in texts.items()}


def read_profile(body: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """(Type, value) by node below the product's root, or whole where it isn't the product's."""
    assert body["@odata.type"] == "#microsoft.graph.windows10CustomConfiguration"
    assert body["displayName"]
    assert 1 <= len(body["omaSettings"]) <= 1000
    found = {}
    for one in body["omaSettings"]:
        kind = one["@odata.type"].removeprefix("#microsoft.graph.omaSetting")
        assert type(one["value"]) is OMA[kind]
        if kind == "Integer":
            assert -(2**31) <= one["value"] < 2**31
        node = one["omaUri"].removeprefix(f"{ATP}/")
        if one["omaUri"].startswith(ATP):
            assert NODES[node] == (kind, not one.get("isReadOnly", False))
        assert node not in found, "two rows of one node are a conflict with itself"
        found[node] = (kind, one["value"])
    return found


def product(words: str, more: str = "") -> str:
    return f"collection: {{name: A}}\ndefender_atp: {{{words}}}\n{more}"


PACKAGE = r"package: {source: '\\server.example.com\share'}"
LEAVING = (
    r"package: {source: '\\server.example.com\share', script: WindowsDefenderATPOffboardingScript_valid_until_2026-02-01.cmd}"
)


def test_each_word_of_the_product_has_its_node(tmp_path: Path) -> None:
    words = f"state: onboarded, {PACKAGE}, sample_collection: none, reporting_frequency: expedite, device_tag: Pilot"
    made = files(tmp_path, product(words))
    assert read_profile(made["settings/profile.json"]) == {
        "Configuration/TelemetryReportingFrequency": ("Integer", 2),
        "DeviceTagging/Group": ("String", "Pilot"),
    }
    assert read_profile(made["sensor/profile.json"]) == {
        "Onboarding": ("String", "{{WindowsDefenderATP.onboarding}}"),
        "Configuration/SampleSharing": ("Integer", 0),
    }
    assert read_profile(made["monitoring/profile.json"]) == {
        "HealthState/SenseIsRunning": ("Boolean", True),
        "HealthState/OnboardingState": ("Integer", 1),
    }


@pytest.mark.parametrize(
    ("words", "node", "value"),
    [
        ("sample_collection: all", "Configuration/SampleSharing", 1),
        ("sample_collection: none", "Configuration/SampleSharing", 0),
        ("reporting_frequency: normal", "Configuration/TelemetryReportingFrequency", 1),
        ("reporting_frequency: expedite", "Configuration/TelemetryReportingFrequency", 2),
    ],
)
def test_values_mean_what_the_registrys_mean(tmp_path: Path, words: str, node: str, value: int) -> None:
    made = files(tmp_path, product(f"state: onboarded, {words}"))
    set_to = {**read_profile(made.get("settings/profile.json", made["monitoring/profile.json"]))}
    set_to.update(read_profile(made["sensor/profile.json"]) if "sensor/profile.json" in made else {})
    assert set_to[node] == ("Integer", value)


def test_the_way_back_is_the_products_defaults(tmp_path: Path) -> None:
    words = f"state: onboarded, {PACKAGE}, sample_collection: none, reporting_frequency: expedite, device_tag: Pilot"
    made = files(tmp_path, product(words))
    assert read_profile(made["way-back/profile.json"]) == {
        "Configuration/SampleSharing": ("Integer", 1),
        "Configuration/TelemetryReportingFrequency": ("Integer", 1),
        "DeviceTagging/Group": ("String", ""),
    }
    assert "way-back/profile.json" not in files(tmp_path, product(f"state: onboarded, {PACKAGE}"))


def test_offboarding_has_its_own_node_and_file(tmp_path: Path) -> None:
    made = files(tmp_path, product(f"state: offboarded, {LEAVING}"))
    assert read_profile(made["sensor/profile.json"]) == {
        "Offboarding": ("String", "{{WindowsDefenderATP_valid_until_2026-02-01.offboarding}}")
    }
    assert read_profile(made["monitoring/profile.json"]) == {
        "HealthState/SenseIsRunning": ("Boolean", False),
        "HealthState/OnboardingState": ("Integer", 0),
    }
    assert "7 days" in made["README.md"]


def read_policy(body: dict[str, Any]) -> dict[str, tuple[str, list[tuple[str, Any]]]]:
    """Choice and (definition, secret) of its children, by the definition of each setting, without their common start."""
    assert (body["platforms"], body["technologies"]) == ("windows10", "mdm,microsoftSense")
    assert body["templateReference"] == {"templateId": "0385b795-0f2f-44ac-8602-9f65bf6adede_1"}
    common = "device_vendor_msft_windowsadvancedthreatprotection_"
    base = "#microsoft.graph.deviceManagementConfiguration"
    found = {}
    for one in body["settings"]:
        assert one["@odata.type"] == f"{base}Setting"
        instance = one["settingInstance"]
        assert instance["@odata.type"] == f"{base}ChoiceSettingInstance"
        assert instance["settingInstanceTemplateReference"]["settingInstanceTemplateId"]
        chosen = instance["choiceSettingValue"]
        assert chosen["@odata.type"] == f"{base}ChoiceSettingValue"
        assert chosen["settingValueTemplateReference"]["settingValueTemplateId"]
        children = []
        for child in chosen["children"]:
            assert child["@odata.type"] == f"{base}SimpleSettingInstance"
            secret = child["simpleSettingValue"]
            assert (secret["@odata.type"], secret["valueState"]) == (f"{base}SecretSettingValue", "notEncrypted")
            assert secret["value"]
            children.append((child["settingDefinitionId"].removeprefix(common), secret["value"]))
        definition = instance["settingDefinitionId"]
        assert chosen["value"].startswith(f"{definition}_")
        found[definition.removeprefix(common)] = (chosen["value"].removeprefix(f"{definition}_"), children)
    return found


def test_the_policy_says_the_same_of_the_sensor(tmp_path: Path) -> None:
    words = f"state: onboarded, {PACKAGE}, sample_collection: none, reporting_frequency: expedite, device_tag: Pilot"
    found = read_policy(files(tmp_path, product(words))["sensor/policy.json"])
    assert found["configurationtype"][0] == "autofromconnector"
    assert [name for name, _ in found["configurationtype"][1]] == ["onboarding_fromconnector"]
    assert found["configuration_samplesharing"] == ("0", [])
    assert len(found) == 2, "the frequency is no setting of it any more"
    left = read_policy(files(tmp_path, product(f"state: offboarded, {LEAVING}"))["sensor/policy.json"])
    reference = "{{WindowsDefenderATP_valid_until_2026-02-01.offboarding}}"
    assert left == {"configurationtype": ("offboard", [("offboarding", reference)])}


GROUPS = "intune: {groups: [3F0C1C52-5C1E-4B8E-9D57-0A6B1C2D3E4F], excluded_groups: [11111111-2222-4333-8444-555555555555]}\n"


def test_the_tenants_groups_are_the_block_intunes(tmp_path: Path) -> None:
    made = files(tmp_path, product("state: onboarded, sample_collection: none", GROUPS))
    graph = "#microsoft.graph."
    assert made["assignments.json"] == {
        "assignments": [
            {
                "target": {
                    "@odata.type": f"{graph}groupAssignmentTarget",
                    "groupId": "3f0c1c52-5c1e-4b8e-9d57-0a6b1c2d3e4f",
                }
            },
            {
                "target": {
                    "@odata.type": f"{graph}exclusionGroupAssignmentTarget",
                    "groupId": "11111111-2222-4333-8444-555555555555",
                }
            },
        ]
    }
    assert check(tmp_path, date(2026, 1, 15)).diagnostics == ()


def test_no_file_assigns_what_is_not_to_change_devices(tmp_path: Path) -> None:
    held = GROUPS.replace("}", ", remediate: false}")
    made = files(tmp_path, product("state: onboarded, sample_collection: none", held))
    assert "assignments.json" not in made
    assert "Nothing is to be changed yet" in made["README.md"]
    assert "assignments.json" not in files(tmp_path, product("state: onboarded, sample_collection: none"))


SETTING = (
    "settings:\n  one:\n    title: x\n"
    "    registry: {{key: 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Advanced Threat Protection',"
    " name: AllowSampleCollection, type: dword, {0}}}\n{1}"
)


def refused(folder: Path, policy: str) -> list[tuple[str, str]]:
    """(Code, message) of what no target brings to devices."""
    (folder / "project.yaml").write_text(HEAD, encoding="utf-8", newline="\n")
    (folder / "a.yaml").write_text(policy, encoding="utf-8", newline="\n")
    return [(one.code, one.message) for one in check(folder, date(2026, 1, 15)).diagnostics if one.code.startswith("PC2")]


@pytest.mark.parametrize(
    ("condition", "more", "reason"),
    [
        ("equals: 2", "", "its node takes 0 or 1 alone"),
        ("absent: true", "", "its node sets the value, and never deletes it"),
        ("equals: 1", "    remediate: false\n", "it is only reported, and a profile only writes"),
        ("equals: 1", "    applies_to: {from_build: 22000}\n", "it applies to some devices only"),
    ],
)
def test_what_a_node_does_not_say_is_told(tmp_path: Path, condition: str, more: str, reason: str) -> None:
    ((code, message),) = refused(tmp_path, "collection: {name: A}\n" + SETTING.format(condition, more))
    assert (code, reason in message) == ("PC2001", True), message


def test_what_has_no_node_is_told(tmp_path: Path) -> None:
    policy = (
        "collection: {name: A}\nsettings:\n"
        "  other: {title: x, registry: {key: HKLM\\SOFTWARE\\Contoso, name: N, type: dword, equals: 1}}\n"
        "  view: {title: x, registry: {key: 'HKLM\\SOFTWARE\\Contoso', view: 32, name: N, type: dword, equals: 1}}\n"
        "  user: {title: x, registry: {key: HKCU\\Software\\Contoso, name: N, type: dword, equals: 1}}\n"
        "  spooler: {title: x, service: {name: Spooler, startup: disabled}}\n"
    )
    found = refused(tmp_path, policy)
    assert [code for code, _ in found] == ["PC2001"] * 4
    assert "no node is known that writes HKLM\\SOFTWARE\\Contoso : N" in found[0][1]
    assert "no node is known that sets a service" in found[3][1]


def test_servers_alone_have_no_profile(tmp_path: Path) -> None:
    ((code, message),) = refused(
        tmp_path, "collection: {name: A, platforms: [server-2019]}\n" + SETTING.format("equals: 1", "")
    )
    assert (code, "Windows Server takes no profile" in message) == ("PC2001", True)


def test_what_the_remediation_would_write_is_set_and_remarked(tmp_path: Path) -> None:
    made = files(tmp_path, "collection: {name: A}\n" + SETTING.format("at_most: 0", ""))
    assert read_profile(made["sensor/profile.json"]) == {"Configuration/SampleSharing": ("Integer", 0)}
    assert "the policy asks for less (be at most 0" in made["README.md"]
    assert "asks for less" not in files(tmp_path, "collection: {name: A}\n" + SETTING.format("equals: 0", ""))["README.md"]


TEXTS = st.text("".join(map(chr, range(0x20, 0x7F))) + "\u00e4\u00df\u4e2d\U0001f600", min_size=1, max_size=60).filter(
    lambda text: text.strip() == text
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tag=TEXTS)
def test_text_is_data(tmp_path: Path, tag: str) -> None:
    words = f"state: onboarded, {PACKAGE}, device_tag: {json.dumps(tag, ensure_ascii=False)}"
    policy = f"collection: {{name: A}}\ndefender_atp: {{{words}}}\n"
    made = files(tmp_path, policy)
    assert read_profile(made["settings/profile.json"])["DeviceTagging/Group"] == ("String", tag)
    rows = [line for line in made["README.md"].splitlines() if line.startswith("| `defender-atp-device-tag`")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 5


def test_a_package_by_two_systems_is_told(tmp_path: Path) -> None:
    policy = product(f"state: onboarded, {PACKAGE}", "targets: [configmgr, csp]\n")
    assert [code for code, _ in refused(tmp_path, policy)] == ["PC2101"]
    assert refused(tmp_path, product(f"state: onboarded, {PACKAGE}")) == []
    assert refused(tmp_path, product("state: onboarded", "targets: [configmgr, csp]\n")) == []


def test_a_schedule_that_profiles_do_not_have_is_told(tmp_path: Path) -> None:
    policy = product("state: onboarded", "intune: {all_devices: true, every: 1 day, at: '09:30', remediate: false}\n")
    found = refused(tmp_path, policy)
    assert [(code, message.partition(" speaks")[0]) for code, message in found] == [("PC2004", "'every'"), ("PC2004", "'at'")]
    assert refused(tmp_path, policy.replace("collection:", "targets: [csp, intune]\ncollection:")) == []


def test_configmgr_and_intune_import_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(HEAD.replace("csp", "configmgr, intune"), encoding="utf-8", newline="\n")
    (tmp_path / "a.yaml").write_text(product("state: onboarded"), encoding="utf-8", newline="\n")
    text = (
        "import sys; from pathlib import Path; from datetime import date; from policyc.driver.check import check\n"
        f"check(Path({str(tmp_path)!r}), date(2026, 1, 15))\n"
        "print([name for name in sys.modules if name.startswith('policyc.targets.csp')])"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
