"""deploy-intune.ps1 where the tenant refuses, is busy, is full, or holds what somebody else made; and what it removes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoint.deploying import Estate
from endpoint.engine import Session
from endpoint.graph import CONFIGURATION, SCRIPTS, TOKEN, Graph
from endpoint.tenant import bring, done, estate, ring

pytestmark = pytest.mark.powershell

SETTINGS, REPORTED, ROLLBACK = "Ring: settings", "Ring: settings that are only reported", "Ring: rollback"
KIND = "deviceHealthScripts"


@pytest.fixture
def graph() -> Iterator[Graph]:
    """A tenant without anything."""
    with Graph() as service:
        yield service


@pytest.fixture
def one(tmp_path: Path) -> Estate:
    """An estate of one collection."""
    return estate(tmp_path)


def test_what_left_git_is_listed_and_removed_by_prune_alone(powershell: Session, tmp_path: Path, graph: Graph) -> None:
    both = estate(tmp_path, ring=ring(), second=ring("Second"))
    graph.put("Somebody's", "by hand")
    graph.put("Another project's", "[policyc:01234567:00000000000000000000000000000000:000000000000]")
    assert bring(powershell, both, graph).exit_code == 0
    del both.policies["second"]
    both.compile()
    graph.requests.clear()
    listed = bring(powershell, both, graph)
    gone = ["Second: settings", "Second: settings that are only reported"]
    assert (listed.exit_code, graph.sent) == (0, [])
    assert sorted(done(listed)) == [
        ("Second: rollback", "Remediation", "kept"),
        *((name, "Remediation", "left") for name in gone),
    ]
    assert "takes back what 'Second' changed" in listed.stdout
    looked = bring(powershell, both, graph, "-Prune -WhatIf")
    assert {action for _, _, action in done(looked)} == {"kept", "would remove"}
    few = bring(powershell, both, graph, "-Prune -PruneAtMost 1")
    assert (few.exit_code, "2 objects left git, and -Prune may remove 1" in few.stdout, graph.sent) == (1, True, [])
    pruned = bring(powershell, both, graph, "-Prune")
    assert pruned.exit_code == 0
    assert {sent.method for sent in graph.sent} == {"DELETE"}
    stays = {"Somebody's", "Another project's", SETTINGS, REPORTED, ROLLBACK, "Second: rollback"}
    assert graph.held().keys() == stays
    # Nobody needs it any more: the project doesn't name the collection under departed.
    both.project["departed"] = []
    (both.output / "collections.json").unlink()
    both.compile()
    kept = bring(powershell, both, graph, "-Prune")
    assert (kept.exit_code, graph.held().keys()) == (0, stays)
    assert "stays until -Prune -PruneRollback is said" in kept.stdout
    assert bring(powershell, both, graph, "-Prune -PruneRollback").exit_code == 0
    assert graph.held().keys() == stays - {"Second: rollback"}


def test_the_way_back_of_what_intune_brings_no_more_stays(powershell: Session, tmp_path: Path, graph: Graph) -> None:
    both = estate(tmp_path, ring=ring(), second=ring("Second"))
    assert bring(powershell, both, graph).exit_code == 0
    both.policies["second"]["targets"] = ["configmgr"]
    both.compile()
    pruned = bring(powershell, both, graph, "-Prune")
    assert pruned.exit_code == 0
    assert {name for name in graph.held() if name.startswith("Second")} == {"Second: rollback"}


def test_a_mark_in_the_middle_of_a_text_is_nobodys(powershell: Session, one: Estate, graph: Graph) -> None:
    """Somebody tells in a description where a copy comes from."""
    assert bring(powershell, one, graph).exit_code == 0
    graph.put("Bob's own", f"Copy of '{graph.held()[SETTINGS]['description']}', made by Bob")
    graph.requests.clear()
    assert (bring(powershell, one, graph, "-Prune").exit_code, graph.sent) == (0, [])


def test_copies_of_what_left_git_are_a_persons_to_settle(powershell: Session, tmp_path: Path, graph: Graph) -> None:
    both = estate(tmp_path, ring=ring(), second=ring("Second"))
    assert bring(powershell, both, graph).exit_code == 0
    graph.put("Copy", graph.held()["Second: settings"]["description"])
    del both.policies["second"]
    both.compile()
    told = bring(powershell, both, graph, "-Prune")
    assert told.exit_code == 1
    assert "2 objects of the tenant carry its mark: somebody copied it" in told.stdout
    assert {"Copy", "Second: settings"} <= graph.held().keys()


@pytest.mark.parametrize(("words", "said"), [("-Collection ''", "names none"), ("-Collection ring -Prune", "Say one of them")])
def test_words_that_may_mean_more_than_was_meant(powershell: Session, one: Estate, graph: Graph, words: str, said: str) -> None:
    stopped = bring(powershell, one, graph, words)
    assert (stopped.exit_code, graph.sent, said in stopped.stdout) == (1, [], True)


@pytest.mark.parametrize("answer", ["{}", '{"error": {"code": "x"}}', "", "null"])
def test_an_answer_that_is_no_list_is_no_empty_tenant(powershell: Session, one: Estate, graph: Graph, answer: str) -> None:
    assert bring(powershell, one, graph).exit_code == 0
    graph.requests.clear()
    graph.instead = answer
    stopped = bring(powershell, one, graph)
    assert (stopped.exit_code, graph.sent) == (1, [])
    assert "was answered without a list" in stopped.stdout


def test_what_is_gone_already_is_no_failure_of_prune(powershell: Session, tmp_path: Path, graph: Graph) -> None:
    both = estate(tmp_path, ring=ring(), second=ring("Second"))
    assert bring(powershell, both, graph).exit_code == 0
    del both.policies["second"]
    both.compile()
    graph.disturb("DELETE", KIND, 404, times=9)
    assert bring(powershell, both, graph, "-Prune").exit_code == 0


@pytest.mark.parametrize(("status", "after"), [(429, "0"), (503, "0"), (429, "Wed, 21 Oct 2015 07:28:00 GMT"), (504, None)])
def test_a_busy_service_is_waited_for(powershell: Session, one: Estate, graph: Graph, status: int, after: str | None) -> None:
    for method, path in (("GET", f"{KIND}$"), ("POST", f"{KIND}$"), ("POST", "/assign")):
        graph.disturb(method, path, status, retry_after=after, times=1 if after is None else 2)
    waited = bring(powershell, one, graph)
    assert (waited.exit_code, len(graph.held())) == (0, 3), waited.stdout


def test_a_service_that_asks_for_too_long_is_told(powershell: Session, one: Estate, graph: Graph) -> None:
    graph.disturb("POST", f"{KIND}$", 429, retry_after="3600")
    told = bring(powershell, one, graph)
    assert told.exit_code == 1
    assert "POST deviceHealthScripts was put off too often (429): the tenant is busy" in told.stdout
    assert len(graph.held()) == 2
    assert bring(powershell, one, graph).exit_code == 0
    assert len(graph.held()) == 3


@pytest.mark.parametrize("status", [0, 503, 504])
def test_what_was_made_and_not_answered_isnt_made_twice(powershell: Session, one: Estate, graph: Graph, status: int) -> None:
    graph.disturb("POST", f"{KIND}$", status, done=True)
    made = bring(powershell, one, graph)
    assert (made.exit_code, made.stderr, len(graph.objects[KIND])) == (0, "", 3), made.stdout


def test_one_that_fails_leaves_the_others_and_the_next_run_finishes(powershell: Session, one: Estate, graph: Graph) -> None:
    graph.disturb("POST", f"{KIND}$", 400, message=f"Not this one: {TOKEN}")
    graph.disturb("POST", "/assign$", 500)
    first = bring(powershell, one, graph)
    assert first.exit_code == 1
    assert "POST deviceHealthScripts failed (400): UnknownError: Not this one: ***" in first.stdout
    assert "2 stopped: each says above what to settle." in first.stdout
    assert len(graph.held()) == 2
    second = bring(powershell, one, graph)
    assert (second.exit_code, len(graph.held())) == (0, 3)
    assert all(graph.assigned(name) for name in (SETTINGS, REPORTED))
    graph.requests.clear()
    assert (bring(powershell, one, graph).exit_code, graph.sent) == (0, [])


def test_nobody_answers(powershell: Session, one: Estate, graph: Graph) -> None:
    graph.disturb("GET", KIND, 0, times=99)
    silent = bring(powershell, one, graph)
    assert (silent.exit_code, "GET deviceHealthScripts wasn't answered" in silent.stdout) == (1, True)


@pytest.mark.parametrize("allowed", [set(), {f"{SCRIPTS}.Read.All"}])
def test_refused_access_names_the_permission(powershell: Session, one: Estate, graph: Graph, allowed: set[str]) -> None:
    graph.permissions = allowed | {f"{CONFIGURATION}.ReadWrite.All"}
    refused = bring(powershell, one, graph)
    assert refused.exit_code == 1
    method, wanted = ("POST", "ReadWrite") if allowed else ("GET", "Read")
    assert f"{method} deviceHealthScripts is refused (403): it needs the permission {SCRIPTS}.{wanted}.All" in refused.stdout
    assert "Bearer ***" in refused.stdout
    assert graph.held() == {}


def test_the_201st_package_is_refused_before_anything_is_sent(powershell: Session, tmp_path: Path, graph: Graph) -> None:
    both = estate(tmp_path, ring=ring(), second=ring("Second"))
    assert bring(powershell, both, graph).exit_code == 0
    for number in range(192):
        graph.put(f"Somebody's {number}", publisher="Somebody")
    graph.put("Microsoft's", isGlobalScript=True)
    graph.page = 100
    both.policies["third"] = ring("Third")
    both.compile()
    graph.requests.clear()
    full = bring(powershell, both, graph)
    assert (full.exit_code, graph.sent) == (1, [])
    assert "The tenant has 198 script packages, whoever made them; this run would remove 0 and create 3, which makes 201" in (
        full.stdout
    )
    # What -Prune takes away makes room, as it goes first.
    del both.policies["second"]
    both.compile()
    assert bring(powershell, both, graph, "-WhatIf").exit_code == 1
    room = bring(powershell, both, graph, "-Prune")
    assert (room.exit_code, len([held for held in graph.objects[KIND].values() if not held.get("isGlobalScript")])) == (0, 199)


@pytest.mark.parametrize("file", ["detect.ps1", "remediation.json", "assignments.json"])
def test_a_file_that_was_changed_stops_the_run(powershell: Session, one: Estate, graph: Graph, file: str) -> None:
    path = one.output / "ring" / "intune" / "remediated" / file
    path.write_bytes(path.read_bytes() + b"\n")
    stopped = bring(powershell, one, graph)
    assert (stopped.exit_code, graph.requests) == (1, [])
    assert f"'ring/intune/remediated/{file}' was changed after policyc wrote it" in stopped.stdout
    path.unlink()
    gone = bring(powershell, one, graph)
    assert (gone.exit_code, graph.requests, f"{file}' is not in" in gone.stdout) == (1, [], True)


def test_a_copy_of_ours_is_told_and_not_touched(powershell: Session, one: Estate, graph: Graph) -> None:
    assert bring(powershell, one, graph).exit_code == 0
    graph.put("Copy of Ring", graph.held()[SETTINGS]["description"])
    graph.requests.clear()
    told = bring(powershell, one, graph)
    assert (told.exit_code, graph.sent) == (1, [])
    assert "2 objects of the tenant carry its mark" in told.stdout


def test_one_of_our_name_without_our_mark_is_adopted_when_that_is_said(powershell: Session, one: Estate, graph: Graph) -> None:
    assert bring(powershell, one, graph).exit_code == 0
    graph.held()[SETTINGS]["description"] = "Somebody wrote here"
    graph.requests.clear()
    told = bring(powershell, one, graph)
    assert (told.exit_code, graph.sent) == (1, [])
    assert f"-Adopt '{SETTINGS}'" in told.stdout
    adopted = bring(powershell, one, graph, f"-Adopt '{SETTINGS}'")
    assert (adopted.exit_code, done(adopted)) == (0, [(SETTINGS, "Remediation", "updated")])
    assert [(sent.method, len(graph.held())) for sent in graph.sent] == [("PATCH", 3)]


def test_pages_that_go_on_elsewhere_get_no_token(powershell: Session, one: Estate, graph: Graph) -> None:
    assert bring(powershell, one, graph).exit_code == 0
    with Graph() as elsewhere:
        graph.next_page_at = elsewhere.address
        told = bring(powershell, one, graph)
        assert (told.exit_code, elsewhere.requests) == (1, [])
    assert "nothing is asked for there" in told.stdout


def test_a_token_goes_to_no_plain_address(powershell: Session, one: Estate, graph: Graph) -> None:
    told = bring(powershell, one, graph, address="http://graph.example.com")
    assert (told.exit_code, "isn't an https address" in told.stdout) == (1, True)


def test_hostile_names_stay_data(powershell: Session, tmp_path: Path, graph: Graph) -> None:
    name = "'; Remove-Item * #$(exit 7) `\"&<b>\u00fc\U0001f600"
    hostile = estate(tmp_path, ring=ring(name))
    graph.put("\x1b[2J\u202eevil", "[policyc:b74fd3a6:00000000000000000000000000000000:000000000000]")
    first = bring(powershell, hostile, graph)
    assert first.exit_code == 0, first.stdout
    assert f"{name}: settings" in graph.held()
    assert "\x1b" not in first.stdout
    assert "\\u001b[2J\\u202eevil" in first.stdout
    detect = next(hostile.output.glob("*/intune/remediated/detect.ps1"))
    assert base64.b64decode(graph.held()[f"{name}: settings"]["detectionScriptContent"]) == detect.read_bytes()
    graph.requests.clear()
    assert (bring(powershell, hostile, graph).exit_code, graph.sent) == (0, [])
