"""Which files an output has: how many, what git keeps of them, and the move from an older layout."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

OLDER = Path(__file__).parent / "older" / "layout-1.tar.xz"
"""A project with its output as policyc wrote it before `scripts/`: a collection and a baseline, whose item is at revision 3."""


def compiled(policyc: Any, *arguments: str, exit_code: int = 0) -> str:
    answer = policyc("compile", "--as-of", "2026-01-15", *arguments)
    assert answer.code == exit_code, answer.out + answer.err
    said: str = answer.out + answer.err
    return said


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with tarfile.open(OLDER) as archive:
        archive.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestTheMove:
    def test_old_files_go_and_nothing_else(self, policyc: Any, older: Path) -> None:
        output = older / "output"
        before = set(content(output))
        own = {
            "workstations/notes.txt": b"ours",
            "workstations/compliance/ours.cab": b"ours",
            "workstations/scripts/ours.ps1": b"ours",
        }
        for path, text in own.items():
            (output / path).parent.mkdir(exist_ok=True)
            (output / path).write_bytes(text)
        compiled(policyc)
        after = content(output)
        listed = set(json.loads(after["manifest.json"])["files"])
        assert after.keys() == listed | own.keys() | {"manifest.json", ".built.json"}
        assert {path: after[path] for path in own} == own
        gone = before - after.keys()
        assert {path for path in gone if path.endswith(".cab")} == {path for path in before if path.endswith(".cab")}
        assert "workstations/detect.ps1" in gone
        assert not (output / "workstations" / "packages" / "settings" / "source").exists()
        compiled(policyc, "--check")

    def test_identities_stay_and_revisions_rise_only_with_the_content(self, policyc: Any, older: Path) -> None:
        output = older / "output"
        known, deployment = (
            json.loads((output / name).read_bytes()) for name in ("revisions.json", "workstations/deployment.json")
        )
        compiled(policyc)
        now, deployed = (
            json.loads((output / name).read_bytes()) for name in ("revisions.json", "workstations/deployment.json")
        )
        assert now["id"] == known["id"]
        # Those of the project itself are new in this layout.
        assert {key for key in now["objects"] if not key.startswith("_project/")} == known["objects"].keys()
        for key, before in known["objects"].items():
            entry = now["objects"][key]
            assert entry["revision"] == before["revision"] + (entry["content"] != before["content"]), key
        # No script is in these two, so nothing of them has changed.
        for key in ("workstations/baseline", "workstations/item/baseline-logging"):
            assert now["objects"][key] == known["objects"][key]
        assert now["objects"]["workstations/item/baseline-logging"]["revision"] == 3

        def ids(tree: dict[str, Any]) -> list[str]:
            packages = [(one["id"], *(program["id"] for program in one["programs"])) for one in tree["packages"]]
            items = [(one["id"], one["unique_id"]) for one in (tree["baseline"], *tree["baseline"]["items"])]
            return [tree["collection"]["id"], *(part for one in (*packages, *items) for part in one)]

        assert ids(deployed) == ids(deployment)


def many(number: int, groups: int) -> dict[str, Any]:
    severities = ("critical", "warning", "informational")
    settings = {
        f"setting-{one:02}": {
            "title": f"Value {one} is switched on",
            "why": "It is the switch of something that nobody wants on a device",
            "severity": severities[one % groups],
            "registry": {
                "key": rf"HKLM\SOFTWARE\Policies\Example\Area {one}",
                "name": f"Switch{one}",
                "type": "dword",
                "equals": 1,
            },
        }
        for one in range(number)
    }
    return {"collection": {"name": "Ring"}, "settings": settings}


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    policies = tmp_path / "policies"
    policies.mkdir()
    project = {"project": {"name": "Estate", "id": "6f0f7d6c-2f1c-4f0e-9c68-7a9d5b1f7a34"}, "configmgr": {"signing": "none"}}
    (policies / "project.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
    (policies / "ring.yaml").write_text(yaml.safe_dump(many(20, 1)), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


MOST_FILES = 11
MOST_TEXT = 34_000
"""Bytes of all that is no script."""
MOST_SCRIPTS = 182_000
"""Bytes of the scripts of one group. Most of it is functions: docs/engine.md has a table of them."""
MOST_OF_A_GROUP = 57_000
"""Bytes that another pair of compliance scripts comes to."""


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_twenty_simple_settings(policyc: Any, estate: Path, groups: int) -> None:
    (estate / "policies" / "ring.yaml").write_text(yaml.safe_dump(many(20, groups)), encoding="utf-8")
    compiled(policyc)
    kept = {path: text for path, text in content(estate / "output" / "ring").items() if not path.endswith(".cab")}
    assert len(kept) == MOST_FILES + 2 * (groups - 1), sorted(kept)
    scripts = [text for path, text in kept.items() if path.endswith((".ps1", ".cmd"))]
    assert len(set(scripts)) == len(scripts), "each script once"
    assert sum(map(len, kept.values())) - sum(map(len, scripts)) <= MOST_TEXT
    assert sum(map(len, scripts)) <= MOST_SCRIPTS + (groups - 1) * MOST_OF_A_GROUP


class TestGit:
    def git(self, *arguments: str, cwd: Path) -> str:
        identity = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.com", "-c", "core.autocrlf=false")
        ended = subprocess.run(
            ["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True, text=True, encoding="utf-8", timeout=60
        )
        return ended.stdout

    def commit(self, top: Path) -> None:
        self.git("add", "-A", cwd=top)
        self.git("commit", "-qm", "state", cwd=top)

    @pytest.fixture
    def repository(self, policyc: Any, estate: Path) -> Path:
        if shutil.which("git") is None:
            pytest.skip("no git")
        self.git("init", "-q", "-b", "main", cwd=estate)
        compiled(policyc)
        self.commit(estate)
        return estate

    def test_git_keeps_no_cabinet_and_a_clone_makes_the_same(
        self, policyc: Any, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = self.git("ls-files", cwd=repository).split()
        assert "output/ring/scripts/detect.ps1" in kept
        assert not [path for path in kept if path.endswith(".cab") or "built" in path]
        clone = tmp_path / "clone"
        self.git("clone", "-q", repository.as_posix(), clone.as_posix(), cwd=repository)
        monkeypatch.chdir(clone)
        compiled(policyc, "--check")
        assert not list(clone.rglob("*.cab"))
        compiled(policyc)
        assert content(clone / "output") == content(repository / "output")
        assert self.git("status", "--porcelain", cwd=clone) == ""

    def test_cabinets_of_another_branch_are_no_obstacle(self, policyc: Any, repository: Path) -> None:
        """Git takes away the text of a branch and leaves its cabinets, which the next manifest doesn't list."""
        self.git("checkout", "-qb", "other", cwd=repository)
        policy = repository / "policies" / "ring.yaml"
        plain = policy.read_text("utf-8")
        policy.write_text(plain + "\nbaselines: [More]\n", encoding="utf-8")
        more = {
            "baseline": {"name": "More"},
            "settings": {"one": {**many(1, 1)["settings"]["setting-00"], "severity": "warning"}},
        }
        more["settings"]["one"]["registry"]["name"] = "Another"
        (repository / "policies" / "more.yaml").write_text(yaml.safe_dump(more), encoding="utf-8")
        compiled(policyc)
        self.commit(repository)
        cabinet = repository / "output" / "ring" / "compliance" / "baseline-more" / "configuration-item.cab"
        built = cabinet.read_bytes()
        self.git("checkout", "-q", "main", cwd=repository)
        assert cabinet.is_file()
        # What git keeps is up to date, though the cabinets are those of the other branch.
        compiled(policyc, "--check")
        policy.write_text(plain + "\nbaselines: [More]\n", encoding="utf-8")
        more["settings"]["one"]["title"] = "Another title"
        (repository / "policies" / "more.yaml").write_text(yaml.safe_dump(more), encoding="utf-8")
        compiled(policyc)
        assert cabinet.read_bytes() != built
        self.git("checkout", "-q", "--", ".", cwd=repository)
        (repository / "policies" / "more.yaml").unlink()
        compiled(policyc)
        assert not cabinet.exists(), "built here, and made by no policy any more"

    def test_somebody_elses_cabinet_is_not_touched(self, policyc: Any, repository: Path) -> None:
        cabinet = repository / "output" / "ring" / "compliance" / "settings" / "configuration-item.cab"
        (repository / "output" / ".built.json").unlink()
        manifest = repository / "output" / "manifest.json"
        tree = json.loads(manifest.read_bytes())
        del tree["files"]["ring/compliance/settings/configuration-item.cab"]
        manifest.write_text(json.dumps(tree), encoding="ascii")
        cabinet.write_bytes(b"somebody's")
        assert "PC0607" in compiled(policyc, exit_code=1)
        assert cabinet.read_bytes() == b"somebody's"

    def test_a_cabinet_that_somebody_changed_is_drift(self, policyc: Any, repository: Path) -> None:
        cabinet = repository / "output" / "ring" / "compliance" / "configuration-baseline.cab"
        cabinet.write_bytes(cabinet.read_bytes() + b"\0")
        assert "PC0612" in compiled(policyc, "--check", exit_code=1)

    @pytest.mark.parametrize("broken", [b"", b"[]", b"{", b'{"../x": "y", "ring/a.cab": 1}', b"\xff"])
    def test_a_broken_record_costs_nothing(self, policyc: Any, repository: Path, broken: bytes) -> None:
        before = content(repository / "output")
        (repository / "output" / ".built.json").write_bytes(broken)
        compiled(policyc, "ring.yaml")
        assert content(repository / "output") == before


class TestFilesForGit:
    """`.gitignore` and `.gitattributes` are written where there is none, and stay as a user has them."""

    @pytest.mark.parametrize("name", [".gitignore", ".gitattributes"])
    def test_a_users_own_stays(self, policyc: Any, estate: Path, name: str) -> None:
        output = estate / "output"
        output.mkdir()
        (output / name).write_bytes(b"# ours\r\n")
        compiled(policyc)
        compiled(policyc)
        assert (output / name).read_bytes() == b"# ours\r\n"
        assert name not in json.loads((output / "manifest.json").read_bytes())["files"]
        compiled(policyc, "--check")

    @pytest.mark.parametrize("name", [".gitignore", ".gitattributes"])
    def test_an_edited_one_stays_and_is_offered_again_once_it_has_gone(self, policyc: Any, estate: Path, name: str) -> None:
        compiled(policyc)
        file = estate / "output" / name
        made = file.read_bytes()
        file.write_bytes(made + b"more\n")
        said = compiled(policyc)
        assert "PC0609" not in said
        assert file.read_bytes() == made + b"more\n"
        compiled(policyc, "--check")
        file.unlink()
        assert "PC0613" in compiled(policyc, "--check", exit_code=1)
        compiled(policyc)
        assert file.read_bytes() == made

    def test_one_of_an_earlier_release_is_renewed(self, policyc: Any, estate: Path) -> None:
        compiled(policyc)
        output = estate / "output"
        made = (output / ".gitignore").read_bytes()
        (output / ".gitignore").write_bytes(b"*.cab\n")
        manifest = output / "manifest.json"
        manifest.write_text(
            manifest.read_text("ascii").replace(sha256(made).hexdigest(), sha256(b"*.cab\n").hexdigest()), encoding="ascii"
        )
        assert "PC0612" in compiled(policyc, "--check", exit_code=1)
        compiled(policyc)
        assert (output / ".gitignore").read_bytes() == made

    def test_a_folder_or_link_in_its_place_is_the_users(self, policyc: Any, estate: Path) -> None:
        (estate / "output" / ".gitignore").mkdir(parents=True)
        compiled(policyc)
        assert (estate / "output" / ".gitignore").is_dir()

    def test_scripts_are_reviewed_and_what_is_generated_is_marked(self, policyc: Any, estate: Path) -> None:
        if shutil.which("git") is None:
            pytest.skip("no git")
        compiled(policyc)
        TestGit().git("init", "-q", cwd=estate)
        asked = [
            "deploy.ps1",
            "monitor.ps1",
            "manifest.json",
            "revisions.json",
            "ring/scripts/detect.ps1",
            "ring/deployment.json",
        ]
        said = TestGit().git("check-attr", "linguist-generated", "text", "--", *(f"output/{one}" for one in asked), cwd=estate)
        marked = [line.split(":")[0] for line in said.splitlines() if line.endswith("linguist-generated: true")]
        assert marked == [f"output/{one}" for one in asked[:4]]
        assert said.count("text: unset") == len(asked)
