"""deploy-intune.ps1 against a stand-in Graph: what a tenant holds after a run, and what a second run leaves alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoint.deploying import Estate, setting
from endpoint.device import Device
from endpoint.engine import Session
from endpoint.graph import CONFIGURATION, SCRIPTS, TOKEN, Graph
from endpoint.tenant import GROUP, OTHER_GROUP, bring, bring_by_session, done, estate, ring

pytestmark = pytest.mark.powershell

SETTINGS, REPORTED, ROLLBACK = "Ring: settings", "Ring: settings that are only reported", "Ring: rollback"
ALL = (SETTINGS, REPORTED, ROLLBACK)


@pytest.fixture
def graph() -> Iterator[Graph]:
    """A tenant with two packages of Microsoft's own and one that somebody else made."""
    with Graph() as service:
        for name in ("Restart stopped Office C2R svc", "Update stale Group Policies"):
            service.put(name, isGlobalScript=True)
        service.put("Somebody's", "[policyc:00000000:00000000000000000000000000000000:000000000000]")
        yield service


@pytest.fixture
def one(tmp_path: Path) -> Estate:
    """An estate of one collection."""
    return estate(tmp_path)


def settled(session: Session, of: Estate, graph: Graph) -> None:
    """Run it; leaves no requests behind."""
    first = bring(session, of, graph)
    assert (first.exit_code, first.stderr) == (0, ""), first.stdout
    graph.requests.clear()


def test_an_empty_tenant_gets_everything_and_a_second_run_sends_nothing(powershell: Session, one: Estate, graph: Graph) -> None:
    first = bring(powershell, one, graph)
    assert (first.exit_code, first.stderr) == (0, ""), first.stdout
    assert first.stdout.rstrip().endswith("All is well.")
    held = graph.held()
    assert held.keys() > set(ALL)
    for name, folder in zip(ALL, ("remediated", "reported", "rollback"), strict=True):
        for content, file in (("detectionScriptContent", "detect.ps1"), ("remediationScriptContent", "remediate.ps1")):
            path = one.output / "ring" / "intune" / folder / file
            assert base64.b64decode(held[name][content]) == (path.read_bytes() if path.exists() else b"")
    assert (held[SETTINGS]["runAsAccount"], held[SETTINGS]["runAs32Bit"]) == ("system", False)
    whom = {
        (one["target"]["@odata.type"].rpartition(".")[2], one["target"]["groupId"], one["runRemediationScript"])
        for one in graph.assigned(SETTINGS)
    }
    assert whom == {("groupAssignmentTarget", GROUP, True), ("exclusionGroupAssignmentTarget", OTHER_GROUP, False)}
    assert graph.assigned(ROLLBACK) == []

    graph.requests.clear()
    second = bring(powershell, one, graph)
    assert (second.exit_code, done(second)) == (0, [])
    assert graph.sent == []


def test_what_if_asks_only_and_names_each_call(powershell: Session, one: Estate, graph: Graph) -> None:
    looked = bring(powershell, one, graph, "-WhatIf")
    assert looked.exit_code == 0
    assert graph.sent == []
    assert done(looked) == [
        (SETTINGS, "Remediation", "would create"),
        (SETTINGS, "Assignments", "would assign"),
        (REPORTED, "Remediation", "would create"),
        (REPORTED, "Assignments", "would assign"),
        (ROLLBACK, "Remediation", "would create"),
    ]
    assert "POST deviceHealthScripts/{id}/assign (2 instead of 0: 2 new or changed" in looked.stdout
    graph.permissions = {f"{SCRIPTS}.Read.All"}
    assert bring(powershell, one, graph, "-WhatIf").exit_code == 0


def test_one_change_is_one_update(powershell: Session, one: Estate, graph: Graph) -> None:
    settled(powershell, one, graph)
    ids = {name: found["id"] for name, found in graph.held().items()}
    one.policies["ring"]["settings"]["only"] = {**setting("Only", 2), "remediate": False}
    one.compile()
    changed = bring(powershell, one, graph)
    assert (changed.exit_code, done(changed)) == (0, [(REPORTED, "Remediation", "updated")]), changed.stdout
    assert [(sent.method, sent.path) for sent in graph.sent] == [("PATCH", f"deviceHealthScripts/{ids[REPORTED]}")]
    assert {name: found["id"] for name, found in graph.held().items()} == ids


def test_another_schedule_is_assigned_anew_and_nothing_else(powershell: Session, one: Estate, graph: Graph) -> None:
    settled(powershell, one, graph)
    one.policies["ring"]["intune"]["at"] = "10:00"
    one.compile()
    changed = bring(powershell, one, graph)
    assert done(changed) == [(SETTINGS, "Assignments", "assigned"), (REPORTED, "Assignments", "assigned")]
    assert {one["runSchedule"]["time"] for one in graph.assigned(SETTINGS) if one["runSchedule"]} == {"10:00:00.0000000"}
    assert len(graph.sent) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("displayName", "Renamed by hand"),
        ("detectionScriptContent", base64.b64encode(b"exit 0").decode()),
        ("remediationScriptContent", ""),
        ("runAs32Bit", True),
        ("publisher", "Nobody"),
    ],
)
def test_what_was_changed_by_hand_is_put_right(
    powershell: Session, one: Estate, graph: Graph, name: str, value: object
) -> None:
    settled(powershell, one, graph)
    before = dict(graph.held()[SETTINGS])
    graph.held()[SETTINGS][name] = value
    mended = bring(powershell, one, graph)
    assert done(mended) == [(SETTINGS, "Remediation", "updated")]
    assert name in mended.stdout
    assert graph.objects["deviceHealthScripts"][before["id"]] == before


def test_assignments_by_hand_are_put_right_and_those_of_no_policy_are_left(
    powershell: Session, one: Estate, graph: Graph
) -> None:
    settled(powershell, one, graph)
    by_hand = {"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}, "runRemediationScript": True}
    graph.assigned(SETTINGS).append(by_hand)
    graph.assignments[graph.held()[ROLLBACK]["id"]] = [by_hand]
    mended = bring(powershell, one, graph)
    assert done(mended) == [(SETTINGS, "Assignments", "assigned"), (ROLLBACK, "Assignments", "kept")]
    assert len(graph.assigned(SETTINGS)) == 2
    assert graph.assigned(ROLLBACK) == [by_hand]


def test_scope_tags_are_the_tenants_own(powershell: Session, one: Estate, graph: Graph) -> None:
    settled(powershell, one, graph)
    graph.held()[SETTINGS]["roleScopeTagIds"] = ["7"]
    graph.held()[SETTINGS]["publisher"] = "Nobody"
    assert done(bring(powershell, one, graph)) == [(SETTINGS, "Remediation", "updated")]
    assert graph.held()[SETTINGS]["roleScopeTagIds"] == ["7"]


def test_a_wrong_token_stops_the_run_and_is_told_without_it(powershell: Session, one: Estate, graph: Graph) -> None:
    graph.token = "another"
    stopped = bring(powershell, one, graph)
    assert stopped.exit_code == 1
    assert "Graph doesn't know who asks (401)" in stopped.stdout
    assert "***" in stopped.stdout
    assert len(graph.requests) == 1
    assert TOKEN not in stopped.stdout


def test_a_collection_can_be_brought_alone(powershell: Session, tmp_path: Path, graph: Graph) -> None:
    both = estate(tmp_path, ring=ring(), second=ring("Second"))
    assert bring(powershell, both, graph, "-Collection SECOND").exit_code == 0
    assert {name.partition(":")[0] for name in graph.held() if ":" in name} == {"Second"}
    unknown = bring(powershell, both, graph, "-Collection third")
    assert (unknown.exit_code, "No collection 'third'" in unknown.stdout) == (1, True)


@pytest.fixture
def judged(tmp_path: Path) -> Estate:
    """An estate whose collection asks for custom compliance."""
    collection = ring()
    collection["intune"]["more_info"] = "https://intranet.example.com/compliance"
    return estate(tmp_path, ring=collection)


COMPLIANCE = "Ring: custom compliance"
POLICIES, COMPLIANCE_SCRIPTS = "deviceCompliancePolicies", "deviceComplianceScripts"


def test_custom_compliance_is_a_script_and_the_policy_that_asks_it(powershell: Session, judged: Estate, graph: Graph) -> None:
    looked = bring(powershell, judged, graph, "-WhatIf")
    assert (looked.exit_code, graph.sent) == (0, [])
    assert done(looked)[-2:] == [
        (COMPLIANCE, "Compliance script", "would create"),
        (COMPLIANCE, "Compliance policy", "would create"),
    ]
    settled(powershell, judged, graph)
    folder = judged.output / "ring" / "intune" / "compliance"
    script, policy = graph.held(COMPLIANCE_SCRIPTS)[COMPLIANCE], graph.held(POLICIES)[COMPLIANCE]
    assert base64.b64decode(script["detectionScriptContent"]) == (folder / "discovery.ps1").read_bytes()
    asks = policy["deviceCompliancePolicyScript"]
    assert asks["deviceComplianceScriptId"] == script["id"]
    assert base64.b64decode(asks["rulesContent"]) == (folder / "rules.json").read_bytes()
    assert [rule["SettingName"] for rule in json.loads(base64.b64decode(asks["rulesContent"]))["Rules"]] == ["first", "only"]
    assert graph.assignments.get(policy["id"]) is None
    assert (bring(powershell, judged, graph).exit_code, graph.sent) == (0, [])


def test_what_an_administrator_says_of_the_compliance_policy_stays(powershell: Session, judged: Estate, graph: Graph) -> None:
    settled(powershell, judged, graph)
    policy = graph.held(POLICIES)[COMPLIANCE]
    policy["scheduledActionsForRule"][0]["scheduledActionConfigurations"][0]["gracePeriodHours"] = 72
    policy["roleScopeTagIds"] = ["7"]
    judged.policies["ring"]["settings"]["first"]["title"] = "Another title"
    judged.compile()
    changed = bring(powershell, judged, graph)
    assert (COMPLIANCE, "Compliance policy", "updated") in done(changed)
    assert b"Another title" in base64.b64decode(policy["deviceCompliancePolicyScript"]["rulesContent"])
    assert policy["scheduledActionsForRule"][0]["scheduledActionConfigurations"][0]["gracePeriodHours"] == 72
    assert policy["roleScopeTagIds"] == ["7"]


@pytest.mark.parametrize("name", ["rulesContent", "deviceComplianceScriptId"])
def test_a_compliance_policy_that_asks_for_something_else_is_put_right(
    powershell: Session, judged: Estate, graph: Graph, name: str
) -> None:
    settled(powershell, judged, graph)
    asks = graph.held(POLICIES)[COMPLIANCE]["deviceCompliancePolicyScript"]
    before = dict(asks)
    asks[name] = "e30="
    assert done(bring(powershell, judged, graph)) == [(COMPLIANCE, "Compliance policy", "updated")]
    assert graph.held(POLICIES)[COMPLIANCE]["deviceCompliancePolicyScript"] == before


def test_a_service_that_gives_no_rules_back_is_sent_nothing_either(powershell: Session, judged: Estate, graph: Graph) -> None:
    settled(powershell, judged, graph)
    graph.held(POLICIES)[COMPLIANCE]["deviceCompliancePolicyScript"]["rulesContent"] = None
    assert (bring(powershell, judged, graph).exit_code, graph.sent) == (0, [])


def test_custom_compliance_that_left_is_removed_policy_first(powershell: Session, judged: Estate, graph: Graph) -> None:
    settled(powershell, judged, graph)
    del judged.policies["ring"]["intune"]["more_info"]
    judged.compile()
    pruned = bring(powershell, judged, graph, "-Prune")
    assert pruned.exit_code == 0, pruned.stdout
    assert [sent.path.partition("/")[0] for sent in graph.sent] == [POLICIES, COMPLIANCE_SCRIPTS]
    assert (graph.held(POLICIES), graph.held(COMPLIANCE_SCRIPTS)) == ({}, {})


def test_policies_of_compliance_are_asked_about_where_there_are_any_alone(
    powershell: Session, judged: Estate, graph: Graph, tmp_path: Path
) -> None:
    graph.permissions = {f"{SCRIPTS}.ReadWrite.All"}
    refused = bring(powershell, judged, graph)
    assert (refused.exit_code, graph.sent) == (1, [])
    assert f"GET {POLICIES} is refused (403): it needs the permission {CONFIGURATION}.Read.All" in refused.stdout
    assert bring(powershell, estate(tmp_path / "other"), graph).exit_code == 0


def test_a_policy_waits_for_its_script(powershell: Session, judged: Estate, graph: Graph) -> None:
    graph.disturb("POST", f"{COMPLIANCE_SCRIPTS}$", 400)
    first = bring(powershell, judged, graph)
    assert first.exit_code == 1
    assert "its script is not in the tenant: see above." in first.stdout
    assert graph.held(POLICIES) == {}
    assert bring(powershell, judged, graph).exit_code == 0
    assert graph.held(POLICIES).keys() == {COMPLIANCE}


def test_the_session_of_the_graph_module_does_as_well(powershell: Session, one: Estate, graph: Graph) -> None:
    graph.disturb("POST", "deviceHealthScripts$", 429, retry_after="0", times=2)
    first = bring_by_session(powershell, one, graph)
    assert (first.exit_code, first.stderr) == (0, ""), first.stdout
    assert graph.held().keys() > set(ALL)
    graph.requests.clear()
    second = bring_by_session(powershell, one, graph)
    assert (second.exit_code, done(second), graph.sent) == (0, [], [])
    graph.permissions = set()
    refused = bring_by_session(powershell, one, graph)
    assert (refused.exit_code, "is refused (403)" in refused.stdout) == (1, True)


def test_without_token_and_session_it_says_how_to_sign_in(powershell: Session, one: Estate) -> None:
    script = powershell.path(one.output / "deploy-intune.ps1").replace("'", "''")
    answer = powershell.run(script=f"& '{script}'\nexit $LASTEXITCODE")
    assert answer.exit_code == 1
    assert "Connect-MgGraph -Scopes DeviceManagementScripts.ReadWrite.All" in answer.stdout


@pytest.mark.endpoint
def test_the_same_on_a_windows_endpoint(device: Device, one: Estate, graph: Graph) -> None:
    first = bring(device.session, one, graph)
    assert (first.exit_code, first.stderr) == (0, ""), first.stdout
    assert graph.held().keys() > set(ALL)
    graph.requests.clear()
    graph.disturb("GET", "deviceHealthScripts$", 503, retry_after="0")
    second = bring(device.session, one, graph)
    assert (second.exit_code, done(second), graph.sent) == (0, [], [])
