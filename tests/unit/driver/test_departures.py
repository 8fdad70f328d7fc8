"""What compile says of collections that went, or have another name, since it last wrote the output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policyc.artifacts.collections import Known
from policyc.driver import departures
from policyc.model import Collection

PILOT = """\
collection:
  name: Pilot
settings:
  some:
    title: Some
    registry: {key: HKLM\\SOFTWARE\\Example, name: Some, type: dword, equals: 1}
"""
OTHER = PILOT.replace("Pilot", "Other").replace("Some", "Other").replace("some", "other")


@pytest.fixture
def estate(project: Path, policyc: Any) -> Path:
    """Two collections, compiled."""
    policies = project / "policies"
    for file in policies.rglob("*.yaml"):
        if file.name != "project.yaml":
            file.unlink()
    (policies / "pilot.yaml").write_text(PILOT, encoding="utf-8")
    (policies / "other.yaml").write_text(OTHER, encoding="utf-8")
    answer = policyc("compile")
    assert (answer.code, answer.err) == (0, "")
    return policies


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def known(project: Path) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads((project / "output" / "collections.json").read_bytes())
    return tree["collections"]


def forget(project: Path) -> None:
    """The output as it was before there was a list of collections."""
    (project / "output" / "collections.json").unlink()
    manifest = project / "output" / "manifest.json"
    tree = json.loads(manifest.read_bytes())
    del tree["files"]["collections.json"]
    manifest.write_text(json.dumps(tree), encoding="utf-8")


@pytest.mark.parametrize("older", [False, True])
def test_another_name_in_the_same_file(policyc: Any, project: Path, estate: Path, older: bool) -> None:
    if older:
        forget(project)
    change(estate / "pilot.yaml", "name: Pilot", "name: Early ring")
    answer = policyc("compile")
    assert answer.code == 1
    assert "error[PC0625]: 'Pilot' is gone and 'Early ring' is new" in answer.err
    assert "policies/pilot.yaml:2:9" in answer.err
    assert "add the line 'formerly: [Pilot]' below its name" in answer.err
    assert (project / "output" / "pilot").is_dir()
    change(estate / "pilot.yaml", "name: Early ring", "name: Early ring\n  formerly: [Pilot]")
    answer = policyc("compile")
    assert (answer.code, answer.err) == (0, "")
    assert not (project / "output" / "pilot").exists()
    assert known(project)["pilot"]["name"] == "Early ring"
    assert (policyc("compile").code, policyc("compile", "--check").code) == (0, 0)


def test_the_line_is_right_for_the_second_rename_too(policyc: Any, project: Path, estate: Path) -> None:
    change(estate / "pilot.yaml", "name: Pilot", "name: 'Ring, early'\n  formerly: [Pilot]")
    assert policyc("compile").code == 0
    change(estate / "pilot.yaml", "name: 'Ring, early'\n  formerly: [Pilot]", "name: Third")
    answer = policyc("compile")
    assert "'formerly: [Pilot, 'Ring, early']'" in answer.err
    change(estate / "pilot.yaml", "name: Third", "name: Third\n  formerly: [Pilot, 'Ring, early']")
    assert policyc("compile").code == 0
    assert list(known(project)) == ["other", "pilot"]


def test_another_file_with_the_same_content(policyc: Any, project: Path, estate: Path) -> None:
    (estate / "pilot.yaml").rename(estate / "moved.yaml")
    assert policyc("compile").code == 0, "a file's name is nobody's identity"
    change(estate / "moved.yaml", "name: Pilot", "name: Early")
    (estate / "moved.yaml").rename(estate / "early.yaml")
    answer = policyc("compile")
    assert "error[PC0625]: 'Pilot' is gone and 'Early' is new" in answer.err


def test_gone_for_good(policyc: Any, project: Path, estate: Path) -> None:
    (estate / "other.yaml").unlink()
    for arguments in ((), ("--check",)):
        answer = policyc("compile", *arguments)
        assert answer.code == 1
        assert "error[PC0626]: the collection 'Other' (other.yaml) is gone" in answer.err
        assert "add the line 'departed: [Other]' to project.yaml" in answer.err
    head = estate / "project.yaml"
    head.write_text(head.read_text(encoding="utf-8") + "departed: [Other]\n", encoding="utf-8")
    answer = policyc("compile")
    assert (answer.code, answer.err) == (0, "")
    assert list(known(project)) == ["pilot"]
    (estate / "other.yaml").write_text(OTHER, encoding="utf-8")
    answer = policyc("compile")
    assert "error[PC0352]: 'Other' has departed, and yet 'Other' is called so" in answer.err


def test_what_had_nothing_is_a_note(policyc: Any, project: Path, estate: Path) -> None:
    (estate / "empty.yaml").write_text("collection: {name: Empty, limited_to: Pilot}\n", encoding="utf-8")
    assert policyc("compile").code == 0
    (estate / "empty.yaml").unlink()
    answer = policyc("compile")
    assert answer.code == 0
    assert "note[PC0628]: the collection 'Empty' (empty.yaml) is gone" in answer.err
    assert (policyc("compile").code, policyc("compile").err) == (0, "")


def test_joined_into_another(policyc: Any, project: Path, estate: Path) -> None:
    (estate / "other.yaml").unlink()
    change(estate / "pilot.yaml", "name: Pilot", "name: Pilot\n  formerly: [Pilot, Other]")
    assert policyc("compile").code == 0
    script = (project / "output" / "pilot" / "scripts" / "rollback.ps1").read_text(encoding="ascii")
    assert "/other'" in script.partition("$Adopts = ")[2].partition("\n")[0]


def test_names_that_were_exchanged_without_a_word(policyc: Any, project: Path, estate: Path) -> None:
    change(estate / "pilot.yaml", "name: Pilot", "name: Other")
    change(estate / "other.yaml", "name: Other\n", "name: Pilot\n")
    answer = policyc("compile", "--check")
    assert "warning[PC0629]: 'Other' and 'Pilot' have exchanged all that they say" in answer.err
    change(estate / "pilot.yaml", "name: Other", "name: Other\n  formerly: [Pilot]")
    change(estate / "other.yaml", "name: Pilot", "name: Pilot\n  formerly: [Other]")
    answer = policyc("compile")
    assert (answer.code, answer.err) == (0, "")
    revisions = json.loads((project / "output" / "revisions.json").read_bytes())["objects"]
    assert {key: entry["revision"] for key, entry in revisions.items() if "removed" not in entry} == {
        "_project/baseline": 1,
        "_project/item/left-behind": 1,
        "other/baseline": 2,
        "other/item/settings": 2,
        "pilot/baseline": 2,
        "pilot/item/settings": 2,
    }


def test_a_new_name_changes_no_id_and_raises_revisions(policyc: Any, project: Path, estate: Path) -> None:
    def ids(folder: str) -> list[Any]:
        tree = json.loads((project / "output" / folder / "deployment.json").read_bytes())
        return [tree["owner"], tree["log"], tree["collection"]["id"], tree["baseline"]["unique_id"], tree["packages"][0]["id"]]

    before = ids("pilot")
    change(estate / "pilot.yaml", "name: Pilot", "name: Early ring\n  formerly: [Pilot]")
    assert policyc("compile").code == 0
    assert ids("early-ring") == before
    assert before[0].endswith("/pilot")
    plan = policyc("plan", "--format", "json")
    assert json.loads(plan.out)["changes"] is False


def test_a_list_that_cannot_be_read(policyc: Any, project: Path, estate: Path) -> None:
    file = project / "output" / "collections.json"
    for broken in (b"{", b"[]", b"<<<<<<< ours\n", b'{"version": 1, "collections": {"a": {}}}', b'{"collections": {}}'):
        file.write_bytes(broken)
        answer = policyc("compile")
        assert answer.code == 1
        assert "error[PC0627]" in answer.err
    file.unlink()
    assert policyc("compile").code == 0


def test_plan_says_renamed(policyc: Any, project: Path, estate: Path) -> None:
    change(estate / "pilot.yaml", "name: Pilot", "name: Early ring\n  formerly: [Pilot]")
    answer = policyc("plan")
    assert "was Pilot (pilot): the same for the site and devices" in answer.out, answer.out
    assert "Left behind" not in answer.out
    (estate / "other.yaml").unlink()
    change(estate / "pilot.yaml", "[Pilot]", "[Pilot, Other]")
    answer = policyc("plan")
    assert "it is joined into 'Early ring', which goes on with what it changed" in answer.out


def test_what_a_run_is_not_about_stays_as_it_was(policyc: Any, project: Path, estate: Path) -> None:
    before = known(project)
    change(estate / "other.yaml", "equals: 1", "equals: 2")
    assert policyc("compile", "--check", "pilot.yaml").code == 0
    assert policyc("compile", "pilot.yaml").code == 0
    assert known(project) == before
    assert policyc("compile").code == 0
    assert known(project)["other"] != before["other"]
    assert known(project)["pilot"] == before["pilot"]


def test_many_collections_are_each_asked_once(
    policyc: Any, project: Path, estate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        text = PILOT.replace("Pilot", f"Ring {number}").replace("Example", f"Example{number}")
        (estate / f"ring-{number}.yaml").write_text(text, encoding="utf-8")
    assert policyc("compile").code == 0
    asked: list[str] = []
    ask = departures.known

    def counted(collection: Collection) -> Known:
        asked.append(collection.name)
        return ask(collection)

    monkeypatch.setattr(departures, "known", counted)
    change(estate / "ring-3.yaml", "name: Ring 3", "name: X")
    change(estate / "ring-7.yaml", "name: Ring 7", "name: Ring 3")
    change(estate / "ring-3.yaml", "name: X", "name: Ring 7")
    answer = policyc("compile")
    assert "'Ring 3' and 'Ring 7' have exchanged all that they say" in answer.err
    assert len(asked) == len(set(asked)) == 32
