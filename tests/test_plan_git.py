"""`policyc plan` over commits of a real repository, and against what `compile` wrote."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from policyc.cli.app import main
from unit.plan.making import HEAD, collection, setting

GOLDEN = Path(__file__).parent / "golden"
DAY = "2026-01-15"
OLD, NEW = "8ee4ffd4-acdb-58d3-be46-275fec287ebb", "9ee4ffd4-acdb-58d3-be46-275fec287ebb"
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def tree(self) -> dict[str, Any]:
        tree: dict[str, Any] = json.loads(self.out)
        return tree


class Repo:
    """A repository of policies; the working folder is its top."""

    def __init__(self, top: Path) -> None:
        self.top = top
        top.mkdir(exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        ended = subprocess.run(["git", *arguments], cwd=self.top, capture_output=True, text=True, timeout=60, check=True)
        return ended.stdout.strip()

    def write(self, files: Mapping[str, str | None], folder: str = "policies") -> None:
        """The files, with None those that go."""
        for name, text in files.items():
            path = self.top / folder / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")

    def commit(self, files: Mapping[str, str | None] | None = None, folder: str = "policies") -> str:
        self.write(files or {}, folder)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a state")
        return self.git("rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the machine, one author, one moment."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    moment = "2026-01-10T12:00:00+00:00"
    person = {"NAME": "Example", "EMAIL": "example@example.com", "DATE": moment}
    fixed = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in person.items()}
    for name, value in {**fixed, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    repo = Repo(tmp_path / "estate")
    repo.write({"project.yaml": HEAD})
    monkeypatch.chdir(repo.top)
    return repo


@pytest.fixture
def policyc(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Answer]]:
    import gc

    thresholds = gc.get_threshold()

    def call(*arguments: str | Path, day: str = DAY) -> Answer:
        monkeypatch.setattr(sys, "argv", ["policyc", *map(str, arguments), "--as-of", day])
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        return Answer(int(end.value.code or 0), out, err)

    yield call
    gc.set_threshold(*thresholds)


Policyc = Callable[..., Answer]
TWO = {"s": setting("at_least: 3"), "t": setting("equals: 1", name="W")}


def names(tree: dict[str, Any], subject: str = "setting") -> list[tuple[str, str, str]]:
    """(Slug, name, action) of the changes of a kind."""
    return [
        (one["slug"], change["name"], change["action"])
        for one in tree["collections"]
        for change in one["changes"]
        if change["subject"] == subject
    ]


# No change


def test_formatting_comments_order_and_renamed_files_are_no_change(repo: Repo, policyc: Policyc) -> None:
    repo.commit({"pilot.yaml": collection("Pilot", TWO)})
    other = """
# A comment
settings:
    t:
        registry: {type: dword, name: 'W', "equals": 0x1, key: "HKLM\\\\SOFTWARE\\\\Example"}
        title: T   # another
    s: {registry: {at_least: 3, type: dword, name: V, key: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Example'}, title: T}
collection:
    name: Pilot
"""
    repo.commit({"pilot.yaml": None, "rings/one.yaml": other})
    answer = policyc("plan", "HEAD~1", "HEAD", "--detailed-exitcode")
    assert (answer.code, answer.err) == (0, "")
    assert "No changes.\n" in answer.out
    # The site is told of the file's new name all the same, and that is said.
    assert "In Pilot nothing of the policies changes" in answer.out
    assert policyc("plan", "HEAD~1", "--format", "json").tree["changes"] is False


@pytest.mark.parametrize("case", sorted(folder.name for folder in GOLDEN.iterdir() if (folder / "policies").is_dir()))
def test_a_plan_of_no_change_is_empty_for_every_golden_case(case: str, tmp_path: Path, repo: Repo, policyc: Policyc) -> None:
    shutil.rmtree(repo.top / "policies")
    shutil.copytree(GOLDEN / case / "policies", repo.top / "policies")
    repo.commit()
    compiled = policyc("compile")
    if not (repo.top / "output").exists():
        assert compiled.code == 1
        assert policyc("plan").code == policyc("plan", "HEAD").code == 1
        return
    repo.commit()
    for sides in ([], ["HEAD"], ["HEAD", "HEAD"]):
        answer = policyc("plan", *sides, "--format", "json", "--detailed-exitcode")
        assert answer.code == compiled.code
        assert answer.tree["changes"] is False
        assert answer.tree["collections"] == []
        assert sum(answer.tree["totals"].values()) == 0


def test_templates_beside_the_policies_are_those_of_their_commit(repo: Repo, policyc: Policyc) -> None:
    shutil.rmtree(repo.top / "policies")
    shutil.copytree(GOLDEN / "administrative-templates" / "policies", repo.top / "policies")
    (repo.top / "policies" / "definitions").rename(repo.top / "Templates")
    project = (repo.top / "policies" / "project.yaml").read_text(encoding="utf-8")
    repo.commit({"project.yaml": project.replace("[definitions]", "[../Templates]")})
    assert policyc("plan", "HEAD", "HEAD", "--detailed-exitcode").code == 0
    # What another commit's template says is what that commit means.
    template = (repo.top / "Templates" / "kiosk.admx").read_text(encoding="utf-8")
    repo.commit({"kiosk.admx": template.replace("Example\\Kiosk", "Example\\Hall")}, folder="Templates")
    assert policyc("plan", "HEAD~1", "--detailed-exitcode").code == 2
    assert policyc("plan", "HEAD~1", "HEAD", "--detailed-exitcode").code == 2


def test_a_baseline_extracted_is_no_change(repo: Repo, policyc: Policyc) -> None:
    repo.commit({"a.yaml": collection("A", TWO), "b.yaml": collection("B", TWO)})
    listed = "baselines: [Common]"
    common = collection("Common", TWO).replace("collection:", "baseline:")
    repo.commit({"a.yaml": collection("A", more=listed), "b.yaml": collection("B", more=listed), "common.yaml": common})
    answer = policyc("plan", "HEAD~1", "HEAD", "--detailed-exitcode")
    assert answer.code == 0
    assert "No changes.\n" in answer.out
    assert "In 2 collections: A, B\n    s, t: moved from the collection's own file to baseline Common\n" in answer.out
    tree = policyc("plan", "HEAD~1", "HEAD", "--format", "json").tree
    assert [one["action"] for one in tree["collections"]] == [None, None]
    assert tree["collections"][0]["moved"][0] == {"setting": "s", "before": [], "after": ["Common"]}


# Changes


def test_a_shared_baseline_is_told_once_with_all_that_it_reaches(repo: Repo, policyc: Policyc) -> None:
    files = {f"{number}.yaml": collection(f"Ring {number}", more="baselines: [Common]") for number in range(30)}
    common = collection("Common", TWO).replace("collection:", "baseline:")
    repo.commit({**files, "common.yaml": common})
    repo.commit({"common.yaml": common.replace("at_least: 3", "at_least: 5")})
    answer = policyc("plan", "HEAD~1", "HEAD", "--detailed-exitcode")
    assert answer.code == 2
    assert answer.out.count("at_least: 3 -> 5 (strengthened)") == 1
    assert "In 30 collections: " in answer.out
    assert "and 18 more" in answer.out
    assert "Changes in 30 collections; settings: 1 changed (1 strengthened)" in answer.out
    assert policyc("plan", "HEAD~1", "--format", "markdown").out.count("| `3` | `5` | strengthened |") == 1
    assert len(names(policyc("plan", "HEAD~1", "--format", "json").tree)) == 30


def test_a_baseline_reaches_by_many_ways_and_is_told_once(repo: Repo, policyc: Policyc) -> None:
    common = collection("Common", TWO).replace("collection:", "baseline:")
    files = {
        "common.yaml": common,
        "clients.yaml": "baseline: {name: Clients}\nbaselines: [Common]\n",
        "a.yaml": collection("A", more="baselines: [Clients]"),
        "b.yaml": collection("B", more="baselines: [Common]"),
    }
    repo.commit(files)
    repo.write({"common.yaml": common.replace("at_least: 3", "at_least: 2")})
    answer = policyc("plan", "HEAD")
    assert "In 2 collections: A, B\n  ~ changed setting s: T (from baseline Common)\n" in answer.out
    assert "settings: 1 changed (1 weakened)" in answer.out
    ways = [one["changes"][0]["baselines"] for one in policyc("plan", "HEAD", "--format", "json").tree["collections"]]
    assert ways == [["Clients", "Common"], ["Common"]]


def test_a_merge_shows_each_side_what_the_other_brought(repo: Repo, policyc: Policyc) -> None:
    repo.commit({"a.yaml": collection("A", TWO), "b.yaml": collection("B", TWO)})
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit({"b.yaml": collection("B", {**TWO, "new": setting(name="N")})})
    repo.git("checkout", "-q", "main")
    repo.commit({"a.yaml": collection("A", {"s": TWO["s"]})})
    before = repo.git("rev-parse", "main")
    repo.git("merge", "-q", "--no-edit", "topic")
    assert names(policyc("plan", before, "main", "--format", "json").tree) == [("b", "new", "added")]
    assert names(policyc("plan", "topic", "--format", "json").tree) == [("a", "t", "removed")]
    merged = repo.git("merge-base", before, "topic")
    assert names(policyc("plan", merged, "topic", "--format", "json").tree) == [("b", "new", "added")]


def test_a_deleted_collection_leaves_what_was_written(repo: Repo, policyc: Policyc) -> None:
    repo.commit({"a.yaml": collection("A", TWO), "b.yaml": collection("B's ring", TWO)})
    repo.commit({"b.yaml": None})
    answer = policyc("plan", "HEAD~1")
    assert answer.code == 0
    assert "Changes in 1 collection (1 removed); settings: 2 removed; left behind on devices: 1" in answer.out
    assert "- removed B's ring (b-s-ring)" in answer.out
    assert "roll back: deploy.ps1 -RollBack 'B''s ring' -Device NAME before deploy.ps1 -Prune" in answer.out


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a.yaml": collection("Old", TWO)}, {"a.yaml": collection("New", {"s": TWO["s"]})}),
        (
            {"a.yaml": collection("Old", TWO, "id: PS10001F")},
            {"a.yaml": None, "b.yaml": collection("New", None, "id: PS10001F")},
        ),
        ({"a.yaml": collection("Old", TWO)}, {"a.yaml": None, "b.yaml": collection("New", TWO)}),
    ],
    ids=["same file", "same id", "same content"],
)
def test_a_new_name_is_a_new_identity(
    repo: Repo, policyc: Policyc, before: dict[str, str], after: dict[str, str | None]
) -> None:
    repo.commit(before)
    repo.commit(after)
    answer = policyc("plan", "HEAD~1")
    said = " ".join(answer.out.split())
    assert "> renamed New (new), was Old (old): a new identity, for the site and devices another collection;" in said
    assert "its new name makes it another one for the site" in answer.out
    (one,) = policyc("plan", "HEAD~1", "--format", "json").tree["collections"]
    assert (one["action"], one["was"]) == ("renamed", {"name": "Old", "slug": "old"})


def test_exceptions_come_are_renewed_and_expire(repo: Repo, policyc: Policyc) -> None:
    def excepted(day: str | None) -> str:
        lines = f"exceptions: [{{settings: [s], reason: A wall display, owner: Facilities, expires: {day}}}]" if day else ""
        return collection("A", TWO, more=lines)

    repo.commit({"a.yaml": excepted(None)})
    repo.commit({"a.yaml": excepted("2026-01-12")})
    repo.commit({"a.yaml": excepted("2026-03-01")})
    gained = policyc("plan", "HEAD~2", "HEAD~1", day="2026-01-11")
    assert (gained.code, gained.err) == (0, "")
    assert "gained exception s\n      the setting is no longer judged or written; what was written stays until" in gained.out
    assert '      expires: "2026-01-12"\n' in gained.out
    assert "an exception takes the setting out" in gained.out
    assert "settings:" not in gained.out
    # Yesterday's exception is an error today; the plan is its cure, so it must not fail for it.
    renewed = policyc("plan", "HEAD~1", "HEAD")
    assert (renewed.code, renewed.err) == (0, "")
    assert 'renewed exception s\n      expires: "2026-01-12" -> "2026-03-01"' in renewed.out
    expired = policyc("plan", "HEAD~1", "HEAD~1")
    assert expired.code == 1
    assert "expired exception s" in expired.out
    assert "held back" in expired.out
    assert "HEAD~1:policies/a.yaml:" in expired.err
    assert names(policyc("plan", "HEAD", "HEAD~2", "--format", "json").tree, "exception") == [("a", "s", "removed")]
    assert "the setting is judged and written from now on: registry.key: " in policyc("plan", "HEAD", "HEAD~2").out


# Revisions


def test_revisions_rise_from_what_the_base_remembers(repo: Repo, policyc: Policyc) -> None:
    repo.write({"a.yaml": collection("A", TWO), "b.yaml": collection("B", TWO)})
    for number in (3, 4):
        repo.write({"a.yaml": collection("A", {"s": setting(f"at_least: {number}")})})
        assert policyc("compile").code == 0
    repo.commit()
    repo.write({"a.yaml": collection("A", {"s": setting("at_least: 5")})})
    for sides in ([], ["HEAD"]):
        tree = policyc("plan", *sides, "--format", "json").tree
        rises = {rise["object"]: (rise["before"], rise["after"]) for one in tree["collections"] for rise in one["revisions"]}
        assert rises == {"a/item/settings": (2, 3)}
    assert policyc("compile").code == 0
    assert json.loads((repo.top / "output" / "revisions.json").read_text())["objects"]["a/item/settings"]["revision"] == 3


def test_without_a_committed_output_revisions_have_no_numbers(repo: Repo, policyc: Policyc) -> None:
    repo.commit({"a.yaml": collection("A", TWO)})
    repo.commit({"a.yaml": collection("A", {"s": TWO["s"]})})
    answer = policyc("plan", "HEAD~1", "HEAD")
    assert "  Collection A: item/settings rises\n" in answer.out


def test_revisions_that_cannot_be_read_are_no_revisions(repo: Repo, policyc: Policyc) -> None:
    (repo.top / "output").mkdir()
    (repo.top / "output" / "revisions.json").write_text("{", encoding="utf-8")
    repo.commit({"a.yaml": collection("A", TWO)})
    answer = policyc("plan", "HEAD")
    assert (answer.code, answer.out) == (1, "")
    assert "the revisions of HEAD (output/revisions.json) can't be used: it is not JSON" in answer.err


def test_another_id_of_the_project_is_said_before_all_else(repo: Repo, policyc: Policyc) -> None:
    repo.write({"a.yaml": collection("A", TWO)})
    assert policyc("compile").code == 0
    repo.commit()
    repo.write({"project.yaml": HEAD.replace("8ee4ffd4", "9ee4ffd4")})
    for sides in ([], ["HEAD"]):
        answer = policyc("plan", *sides, "--detailed-exitcode")
        assert answer.code == 2
        lines = answer.out.split("\n")
        assert lines[1].startswith("Every object gets a new identity; changes in the project file; revisions that rise: ")
        said = " ".join(answer.out.split())
        assert f"as the project's id changes: \"{OLD[:8]}" in said
        assert "removed by hand, or by deploy.ps1 -Prune of an output that is compiled under the old id" in said
        assert "What the old ones changed on devices is another estate's from then on" in said
        assert "nothing of the policies changes" not in said
        assert "0 collections" not in said
        markdown = policyc("plan", *sides, "--format", "markdown").out
        assert markdown.startswith("## Plan of the policies\n\n**Every object gets a new identity; ")
        assert f'`"{OLD}"` -> `"{NEW}"`. deploy.ps1 makes all of them anew.' in markdown
        assert "nothing of the policies changes" not in markdown
        (word, *_) = policyc("plan", *sides, "--format", "json").tree["project"]
        assert (word["word"], word["note"].partition(":")[0]) == ("id", "every object gets a new identity")


def test_another_name_of_the_project_changes_nobodys_identity(repo: Repo, policyc: Policyc) -> None:
    repo.write({"a.yaml": collection("A", TWO)})
    assert policyc("compile").code == 0
    rolled_back = (repo.top / "output" / "a" / "scripts" / "rollback.ps1").read_bytes()
    repo.commit()
    repo.write({"project.yaml": HEAD.replace("Example estate", "Other estate")})
    for sides in ([], ["HEAD"]):
        words = policyc("plan", *sides, "--format", "json").tree["project"]
        assert words[0]["word"] == "name"
        assert "id" not in {word["word"] for word in words}
        assert words[0]["note"] == "the name is for people: who the estate is stays as it is"
    policyc("compile")
    assert (repo.top / "output" / "a" / "scripts" / "rollback.ps1").read_bytes() == rolled_back


# Against the output


def test_the_output_and_its_commit_give_one_plan(repo: Repo, policyc: Policyc) -> None:
    shutil.rmtree(repo.top / "policies")
    shutil.copytree(GOLDEN / "every-kind" / "policies", repo.top / "policies")
    assert policyc("compile").code == 0
    repo.commit()
    for file in (repo.top / "policies").glob("*.yaml"):
        text = file.read_text("utf-8")
        for old, new in (
            ("at_least: 5", "at_least: 6"),
            ("one_of: [1, 2]", "one_of: [2, 3]"),
            ("severity: none", "severity: warning"),
        ):
            assert file.name == "project.yaml" or old in text
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
    by_output, by_git = (policyc("plan", *sides, "--format", "json") for sides in ([], ["HEAD"]))
    assert by_output.code == by_git.code
    one, other = by_output.tree, by_git.tree
    assert one["changes"] is True
    assert one["totals"] == other["totals"]
    assert one["collections"] == other["collections"]


LAYERED = {
    "windows/common.yaml": [
        ("at_least: 5", "at_least: 6"),
        ("HKCU\\Software", "HKCU\\SOFTWARE"),
        ("[lsarpc, samr]", "[samr, lsarpc]"),
    ],
    "windows/servers.yaml": [("from_build: 14393", "from_build: 17763"), ("role: server", "role: workstation")],
    "pilot.yaml": [("2026-02-10", "2026-02-12"), ("tag: Pilot", "tag: First")],
    "audited.yaml": [("audit", "enforce"), ("[PC-0002]", "[PC-0003, PC-0004]")],
}


def test_layers_and_exceptions_come_out_of_the_output_too(repo: Repo, policyc: Policyc) -> None:
    shutil.rmtree(repo.top / "policies")
    shutil.copytree(GOLDEN / "layers" / "policies", repo.top / "policies")
    assert policyc("compile").code == 0
    repo.commit()
    for name, edits in LAYERED.items():
        file = repo.top / "policies" / name
        text = file.read_text("utf-8")
        for old, new in edits:
            assert old in text, old
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
    there = [policyc("plan", *sides, "--format", "json") for sides in ([], ["HEAD"])]
    assert policyc("compile").code == 0
    repo.commit()
    repo.git("checkout", "-q", "HEAD~1", "--", "policies")
    back = [policyc("plan", *sides, "--format", "json") for sides in ([], ["HEAD"])]
    for by_output, by_git in (there, back):
        assert (by_output.code, by_git.code) == (0, 0), by_output.err
        assert len(by_git.tree["collections"]) == 3
        assert told(by_output) == told(by_git)


def test_what_an_exception_took_out_of_the_output_is_in_force_again(repo: Repo, policyc: Policyc) -> None:
    def excepted(*settings: str) -> str:
        lines = f"exceptions: [{{settings: [{', '.join(settings)}], reason: R, owner: O, expires: 2026-03-01}}]"
        return collection("A", {**TWO, "u": setting(name="U")}, more=lines)

    repo.write({"a.yaml": excepted("s", "t")})
    assert policyc("compile").code == 0
    repo.commit()
    repo.write({"a.yaml": excepted("t")})
    by_output, by_git = (policyc("plan", *sides, "--format", "json") for sides in ([], ["HEAD"]))
    assert names(by_output.tree) == []
    assert names(by_output.tree, "exception") == [("a", "s", "removed")]
    assert told(by_output) == told(by_git)
    shown = " ".join(policyc("plan").out.split())
    assert "removed exception s the setting is judged and written from now on: registry.key: HKLM\\SOFTWARE\\Example" in shown
    assert "registry.name: V; registry.type: dword; at_least: 3" in shown


def test_a_baseline_that_comes_is_no_change_of_its_deployment(repo: Repo, policyc: Policyc) -> None:
    repo.write({"a.yaml": collection("A", more="deployment: {evaluate_every: 6 hours}")})
    assert policyc("compile").code == 0
    repo.write({"a.yaml": collection("A", TWO, more="deployment: {evaluate_every: 6 hours, phase: 2}")})
    (one,) = policyc("plan", "--format", "json").tree["collections"]
    (deployment,) = (change for change in one["changes"] if change["subject"] == "deployment")
    assert [word["word"] for word in deployment["words"]] == ["deployment.phase"]


MANY_WORDS = """
baselines: [Common]
override: {s: {reason: Old scanners, registry: {at_least: 2}}}
exceptions: [{settings: [t], reason: R, owner: O, expires: 2026-03-01}]
deployment:
  phase: 2
  distribution_point_groups: [Everywhere]
  folder: policyc/Pilot
  evaluate_every: 6 hours
  maintenance_windows: [{name: Night, start: '2026-01-02T22:00', duration: 6 hours}]
"""
COMMON = collection("Common", {"s": setting(more="why: A reason").replace("equals: 1", "at_least: 3"), "t": TWO["t"]}).replace(
    "collection:", "baseline:"
)


@pytest.mark.parametrize("moved", [False, True], ids=["same file", "another file"])
def test_another_name_changes_nothing_else_against_the_output(repo: Repo, policyc: Policyc, *, moved: bool) -> None:
    own = {"own": setting(name="Own", more="why: Another, references: [CIS 1]")}
    repo.write({"common.yaml": COMMON, "a.yaml": collection("Old", own, more=MANY_WORDS)})
    assert policyc("compile").code == 0
    repo.commit()
    new = collection("New", own, more=MANY_WORDS)
    repo.write({"a.yaml": None, "b.yaml": new} if moved else {"a.yaml": new})
    by_output, by_git = (policyc("plan", *sides, "--format", "json") for sides in ([], ["HEAD"]))
    (one,) = by_output.tree["collections"]
    assert (one["action"], one["moved"]) == ("renamed", [])
    assert [(change["subject"], [word["word"] for word in change["words"]]) for change in one["changes"]] == [
        ("collection", ["name"])
    ]
    assert by_output.tree["collections"] == by_git.tree["collections"]
    # What does change of its deployment is told, in the cmdlets' words and those alone.
    repo.write({"b.yaml" if moved else "a.yaml": new.replace("evaluate_every: 6 hours", "evaluate_every: 1 day")})
    (one,) = policyc("plan", "--format", "json").tree["collections"]
    (deployment,) = (change for change in one["changes"] if change["subject"] == "deployment")
    assert [(word["word"], word["before"], word["after"]) for word in deployment["words"]] == [
        ("baseline.schedule.every", "6 hours", "1 day")
    ]


def test_a_collection_that_goes_and_one_that_comes_are_told_as_such(repo: Repo, policyc: Policyc) -> None:
    repo.write({"common.yaml": COMMON, "a.yaml": collection("Old", more=MANY_WORDS)})
    assert policyc("compile").code == 0
    repo.write({"a.yaml": None, "b.yaml": collection("New", {"u": setting(name="U")})})
    answer = policyc("plan", "--format", "json")
    assert [(one["slug"], one["action"]) for one in answer.tree["collections"]] == [("new", "added"), ("old", "removed")]
    assert names(answer.tree) == [("new", "u", "added"), ("old", "s", "removed")]


def told(answer: Answer) -> list[Any]:
    """The changes that a site and its devices see. (Deployments are told in the cmdlets' words against an output.)"""
    return [
        {**one, "changes": [change for change in one["changes"] if change["subject"] != "deployment"]}
        for one in answer.tree["collections"]
    ]


def test_deployments_are_told_against_the_output(repo: Repo, policyc: Policyc) -> None:
    repo.write({"a.yaml": collection("A", TWO)})
    policyc("compile")
    repo.write(
        {"a.yaml": collection("A", TWO, more="deployment: {phase: 2, start: '2026-12-01T20:00', evaluate_every: 2 days}")}
    )
    answer = policyc("plan", "--detailed-exitcode")
    assert answer.code == 2
    assert "deployment.phase: 1 -> 2" in answer.out
    assert 'baseline.schedule.every: "1 day" -> "2 days"' in answer.out


def of_another_release(output: Path, scripts: str, before: str, after: str) -> None:
    """The output as a release would have left it whose scripts had other text there."""
    changed = list(output.glob(scripts))
    assert changed
    for script in changed:
        text = script.read_text("ascii")
        assert before in text
        script.write_text(text.replace(before, after, 1), encoding="ascii", newline="\n")
    revisions = output / "revisions.json"
    tree = json.loads(revisions.read_bytes())
    for name, one in tree["objects"].items():
        if "/item/" in name:
            one["content"] = "0" * 64
    revisions.write_text(json.dumps(tree), encoding="ascii")


@pytest.mark.parametrize("base", [[], ["HEAD"]], ids=["output", "commit"])
@pytest.mark.parametrize(
    ("scripts", "before", "after", "is_engine"),
    [
        ("a/compliance/settings/*/*.ps1", "\nfunction ", "\nfunction Get-AsItWas {\n}\n\nfunction ", True),
        ("a/compliance/settings/*/discovery.ps1", "\nfunction ", "\nfunction Get-AsItWas {\n}\n\nfunction ", True),
        ("a/compliance/settings/*/*.ps1", "Key = '", "Key  = '", False),
        ("a/compliance/settings/*/*.ps1", "#endregion\n", "#endregion\n\n", False),
        ("a/scripts/detect.ps1", "\nfunction ", "\n\nfunction ", False),
    ],
    ids=["all functions", "functions of one script", "table", "behind the functions", "another file"],
)
def test_a_release_that_changes_functions_alone_is_told(
    repo: Repo, policyc: Policyc, base: list[str], scripts: str, before: str, after: str, *, is_engine: bool
) -> None:
    repo.write({"a.yaml": collection("A", TWO)})
    assert policyc("compile").code == 0
    of_another_release(repo.top / "output", scripts, before, after)
    repo.commit()
    answer = policyc("plan", *base)
    assert answer.code == 0
    text = " ".join(answer.out.split())
    assert ("item/settings 1 -> 2 (engine only)" in text) is is_engine
    assert ("of which this release of policyc has others (engine only)" in text) is is_engine
    assert ("only the wording of what the site is given" in text) is not is_engine
    markdown = policyc("plan", *base, "--format", "markdown").out
    assert ("(engine only)" in markdown) is is_engine
    rises = policyc("plan", *base, "--format", "json").tree["collections"][0]["revisions"]
    assert rises == [{"object": "a/item/settings", "before": 1, "after": 2, "engineOnly": is_engine}]


def test_a_release_beside_a_change_is_not_engine_only(repo: Repo, policyc: Policyc) -> None:
    repo.write({"a.yaml": collection("A", TWO), "b.yaml": collection("B", TWO)})
    policyc("compile")
    of_another_release(repo.top / "output", "*/compliance/settings/*/*.ps1", "\nfunction ", "\n\nfunction ")
    repo.write({"a.yaml": collection("A", {**TWO, "s": setting("equals: 7")})})
    revisions = {one["slug"]: one["revisions"] for one in policyc("plan", "--format", "json").tree["collections"]}
    assert {slug: [rise["engineOnly"] for rise in rises] for slug, rises in revisions.items()} == {"a": [False], "b": [True]}


def test_without_an_output_all_is_new(repo: Repo, policyc: Policyc) -> None:
    repo.write({"a.yaml": collection("A", TWO)})
    answer = policyc("plan")
    assert "Changes in 1 collection (1 added); settings: 2 added; revisions that rise: 2." in answer.out
    assert "  Collection A: baseline 1 (new), item/settings 1 (new)\n" in answer.out
    assert not (repo.top / "output").exists()


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a/resolved.yaml", "settings: [\n"),
        ("a/resolved.yaml", "[]"),
        (
            "a/resolved.yaml",
            "collection: A\npolicy: a.yaml\nmode: enforce\nplatforms: [windows-10]\nsettings: {s: {title: 1}}\n",
        ),
        ("a/deployment.json", "{"),
        ("site.json", "[]"),
        ("site.json", "{}"),
        ("manifest.json", "<<<<<<< ours\n"),
        ("revisions.json", "{}"),
    ],
)
def test_a_broken_output_is_said(repo: Repo, policyc: Policyc, file: str, content: str) -> None:
    repo.write({"a.yaml": collection("A", TWO)})
    policyc("compile")
    (repo.top / "output" / file).write_text(content, encoding="utf-8")
    answer = policyc("plan")
    assert answer.code == 1
    assert file in answer.err
    assert "can't be used" in answer.err
    assert "help: " in answer.err


def test_an_output_without_snapshots_is_said(repo: Repo, policyc: Policyc) -> None:
    repo.write({"a.yaml": collection("A", TWO)})
    policyc("compile")
    manifest = repo.top / "output" / "manifest.json"
    lines = [line for line in manifest.read_text("utf-8").split("\n") if "resolved.yaml" not in line]
    manifest.write_text("\n".join(lines), encoding="utf-8")
    answer = policyc("plan")
    assert answer.code == 1
    assert "run policyc compile with this version first" in answer.err


def test_a_collection_that_is_held_back_stays_as_it_is(repo: Repo, policyc: Policyc) -> None:
    lines = "exceptions: [{settings: [s], reason: R, owner: O, expires: 2026-01-12}]"
    repo.write({"a.yaml": collection("A", TWO, more=lines), "b.yaml": collection("B", TWO)})
    assert policyc("compile", day="2026-01-11").code == 0
    repo.write({"a.yaml": collection("A", {"s": TWO["s"]}, more=lines), "b.yaml": collection("B", {"s": TWO["s"]})})
    answer = policyc("plan", "--format", "json")
    assert answer.code == 1
    assert [one["slug"] for one in answer.tree["collections"]] == ["b"]


# Git


def test_the_policies_may_lie_anywhere_under_any_name(repo: Repo, policyc: Policyc) -> None:
    folder = "sub folder/wörk $(x)/p'o\"l[i]"
    repo.commit({"project.yaml": HEAD, "rîng/a b'\".yaml": collection("A", TWO), "-x.yaml": collection("B", TWO)}, folder)
    repo.write({"rîng/a b'\".yaml": collection("A", {"s": TWO["s"]})}, folder)
    tree = policyc("plan", "HEAD", "--policies", folder, "--format", "json").tree
    assert names(tree) == [("a", "t", "removed")]


def test_nothing_is_touched(repo: Repo, policyc: Policyc) -> None:
    repo.commit({"a.yaml": collection("A", TWO)})
    repo.write({"a.yaml": collection("A", {"s": TWO["s"]}), "new.yaml": collection("New")})
    git = repo.top / ".git"

    def look() -> tuple[str, dict[str, tuple[int, int]]]:
        state = {
            path.as_posix(): (path.stat().st_mtime_ns, path.stat().st_size) for path in repo.top.rglob("*") if path.is_file()
        }
        return (git / "HEAD").read_text(), state

    before = look()
    assert policyc("plan", "HEAD").code == 0
    assert policyc("plan").code == 0
    assert look() == before


def test_policies_that_are_gone_can_still_be_planned_between_commits(repo: Repo, policyc: Policyc) -> None:
    repo.commit({"a.yaml": collection("A", TWO)})
    repo.commit({"a.yaml": collection("A", {"s": TWO["s"]})})
    shutil.rmtree(repo.top / "policies")
    assert names(policyc("plan", "HEAD~1", "HEAD", "--format", "json").tree) == [("a", "t", "removed")]
    assert policyc("plan", "HEAD~1").code == 1


def test_submodules_are_left_alone_and_links_are_refused(repo: Repo, policyc: Policyc) -> None:
    known = repo.commit({"a.yaml": collection("A", TWO)})
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{known},policies/module.yaml")
    repo.git("commit", "-q", "-m", "a module")
    assert policyc("plan", "HEAD~1", "HEAD", "--detailed-exitcode").code == 0
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=repo.top, input=b"/etc/passwd", capture_output=True, check=True, timeout=60
    )
    repo.git("update-index", "--add", "--cacheinfo", f"120000,{blob.stdout.decode().strip()},policies/link.yaml")
    repo.git("commit", "-q", "-m", "a link")
    answer = policyc("plan", "HEAD~1", "HEAD")
    assert answer.code == 1
    assert "error[PC0116]" in answer.err
    assert "HEAD:policies/link.yaml" in answer.err


def test_a_file_kept_elsewhere_is_an_error_and_no_plan(repo: Repo, policyc: Policyc) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12\n"
    repo.commit({"a.yaml": pointer})
    repo.write({"a.yaml": collection("A", TWO)})
    answer = policyc("plan", "HEAD")
    assert (answer.code, answer.out) == (1, "")
    assert "HEAD:policies/a.yaml" in answer.err


def test_errors_name_their_side(repo: Repo, policyc: Policyc) -> None:
    wrong = collection("A", {"s": setting("at_laest: 3")})
    repo.commit({"a.yaml": wrong})
    repo.git("tag", "v1")
    repo.commit({"a.yaml": collection("A", TWO)})
    repo.write({"b.yaml": wrong})
    answer = policyc("plan", "v1")
    assert (answer.code, answer.out) == (1, "")
    assert " v1:policies/a.yaml:3:" in answer.err
    assert " policies/b.yaml:3:" in answer.err
    assert "did you mean 'at_least'?" in answer.err
    tree = policyc("plan", "v1", "--format", "json").tree
    assert [found["file"] for found in tree["diagnostics"]] == ["v1:policies/a.yaml", "policies/b.yaml"]
    assert tree["changes"] is None
    assert policyc("plan", "v1", "--detailed-exitcode").code == 1


def test_a_conflict_is_an_error_and_its_cure_has_a_plan(repo: Repo, policyc: Policyc) -> None:
    repo.commit({"a.yaml": collection("A", {"s": setting("at_most: 3"), "t": setting("at_least: 5")})})
    repo.write({"a.yaml": collection("A", {"s": setting("at_most: 3"), "t": setting("at_least: 2")})})
    answer = policyc("plan", "HEAD")
    assert answer.code == 1
    assert "error[PC04" in answer.err
    assert "HEAD:policies/a.yaml" in answer.err
    assert "at_least: 5 -> 2 (weakened)" in answer.out
    assert policyc("plan", "HEAD", "--detailed-exitcode").code == 1


def test_it_runs_in_a_hook(repo: Repo, policyc: Policyc, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"a.yaml": collection("A", TWO)})
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert policyc("plan", "HEAD", "--detailed-exitcode").code == 0


def test_a_repository_that_git_refuses_is_told_in_its_words(repo: Repo, policyc: Policyc) -> None:
    repo.commit({"a.yaml": collection("A", TWO)})
    (repo.top / ".git" / "config").write_text("[core\n", encoding="utf-8")
    answer = policyc("plan", "HEAD")
    assert answer.code == 2
    assert "bad config line 1" in answer.err


def test_a_shallow_clone_says_what_to_fetch(
    repo: Repo, policyc: Policyc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = repo.commit({"a.yaml": collection("A", TWO)})
    repo.commit({"a.yaml": collection("A", {"s": TWO["s"]})})
    clone = tmp_path / "clone"
    repo.git("clone", "-q", "--depth=1", repo.top.as_uri(), str(clone))
    monkeypatch.chdir(clone)
    answer = policyc("plan", first)
    assert (answer.code, answer.out) == (2, "")
    assert "which is shallow" in answer.err
    assert f"git fetch --depth=1 origin {first}" in answer.err
    assert policyc("plan", first, "--detailed-exitcode").code == 1
    assert policyc("plan", "HEAD", "--detailed-exitcode").code == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "'nowhere' is no commit of this repository"),
        ("main..HEAD", "'main..HEAD' is a range"),
        ("", "is no name of a commit"),
        ("main:policies", "is no commit of this repository"),
        ("--output=x", "No such option"),
    ],
)
def test_what_is_no_commit_is_wrong_usage(repo: Repo, policyc: Policyc, name: str, said: str) -> None:
    repo.commit({"a.yaml": collection("A", TWO)})
    if name.startswith("--"):
        name = "--nothing"
    answer = policyc("plan", name)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert policyc("plan", name, "--detailed-exitcode").code == 1


def test_a_name_is_never_an_option_of_git(repo: Repo, policyc: Policyc) -> None:
    repo.commit({"a.yaml": collection("A", TWO)})
    answer = policyc("plan", "--", "--all")
    assert answer.code == 2


def test_without_a_repository_or_git(repo: Repo, policyc: Policyc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"a.yaml": collection("A", TWO)})
    answer = policyc("plan", "HEAD", "--policies", tmp_path)
    assert answer.code == 2
    assert "not in the working tree of a git repository" in answer.err
    monkeypatch.setenv("PATH", "")
    answer = policyc("plan", "HEAD")
    assert answer.code == 2
    assert "git isn't installed" in answer.err
    assert policyc("plan").code == 0


def test_a_commit_without_the_folder(repo: Repo, policyc: Policyc) -> None:
    repo.commit({"a.yaml": collection("A", TWO)})
    answer = policyc("plan", "HEAD", "--policies", "elsewhere")
    assert answer.code == 2
    assert "HEAD has no folder 'elsewhere'" in answer.err


def test_the_caller_s_configuration_changes_nothing(repo: Repo, policyc: Policyc, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"ä.yaml": collection("A", TWO)})
    for word, value in {
        "core.quotePath": "true",
        "color.ui": "always",
        "core.autocrlf": "true",
        "log.date": "relative",
    }.items():
        repo.git("config", word, value)
    (repo.top / ".gitattributes").write_text("*.yaml export-ignore\n", encoding="utf-8")
    repo.commit({"ä.yaml": collection("A", {"s": TWO["s"]})})
    for name, value in {"GIT_PAGER": "false", "LC_ALL": "tr_TR.UTF-8", "GIT_LITERAL_PATHSPECS": "0"}.items():
        monkeypatch.setenv(name, value)
    assert names(policyc("plan", "HEAD~1", "HEAD", "--format", "json").tree) == [("a", "t", "removed")]


def test_the_id_of_a_project_that_had_none_is_no_change(repo: Repo, policyc: Policyc) -> None:
    files = {"a.yaml": collection("A", {"s": setting()})}
    repo.commit({**files, "project.yaml": "project: {name: Example estate}\n"})
    repo.write({"project.yaml": HEAD})
    answer = policyc("plan", "HEAD", "--format", "json")
    assert answer.code == 0, answer.err
    assert answer.tree["changes"] is False
