"""What a run remembers may only save time: with it the same comes out as without."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from policyc.cache import store as stores
from policyc.cli import quick
from policyc.cli.formats import parse_day
from policyc.driver import output as driver_output
from policyc.driver import walk
from policyc.driver.order import Order, UnknownPathError
from policyc.model import Collection
from unit.cli.conftest import Policyc, collection

FILES = ("servers.yaml", "rings/pilot.yaml", "common.yaml", "project.yaml")
DAY = "2026-01-31"


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs remember, in a folder of the test's own."""
    monkeypatch.setenv("POLICYC_CACHE", str(tmp_path / "memory"))
    return tmp_path / "memory"


@pytest.fixture
def whole_runs(monkeypatch: pytest.MonkeyPatch) -> list[Order]:
    """The runs that were more than a look."""
    runs: list[Order] = []
    really = driver_output.run

    def run(order: Order, *more: object) -> object:
        runs.append(order)
        return really(order, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(driver_output, "run", run)
    return runs


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The slugs of the collections whose files were made."""
    slugs: list[str] = []
    really = walk.collection_artifacts

    def make(project: object, targets: object, one: Collection, build: object) -> object:
        slugs.append(one.slug)
        return really(project, targets, one, build)  # type: ignore[arg-type]

    monkeypatch.setattr(walk, "collection_artifacts", make)
    return slugs


def test_nothing_changed(policyc: Policyc, project: Path, memory: Path, whole_runs: list[object]) -> None:
    first = policyc("compile")
    written = tree(project / "output")
    number = len(written) - 2
    for _ in range(2):
        answer = policyc("compile")
        assert answer.out == f"output: 0 files written, {number} unchanged, 0 removed\n"
        assert (answer.code, answer.err) == (first.code, first.err)
    assert len(whole_runs) == 1
    assert tree(project / "output") == written


def test_what_git_does_not_keep_is_made_again(policyc: Policyc, project: Path, memory: Path, whole_runs: list[object]) -> None:
    policyc("compile")
    written = tree(project / "output")
    for cabinet in (project / "output").rglob("*.cab"):
        cabinet.unlink()
    assert policyc("compile").code == 0
    assert tree(project / "output") == written
    assert len(whole_runs) == 2


def test_a_file_that_a_user_has_otherwise_is_offered_again_once_it_has_gone(
    policyc: Policyc, project: Path, memory: Path, whole_runs: list[object]
) -> None:
    policyc("compile")
    file = project / "output" / ".gitignore"
    offered = file.read_bytes()
    file.write_bytes(b"mine")
    policyc("compile")
    policyc("compile")
    assert (len(whole_runs), file.read_bytes()) == (2, b"mine"), "known, and left alone"
    file.unlink()
    policyc("compile")
    assert (len(whole_runs), file.read_bytes()) == (3, offered)


def test_findings_are_said_again(policyc: Policyc, project: Path, memory: Path, whole_runs: list[object]) -> None:
    (project / "policies" / "project.yaml").write_text(
        "project: {name: Example estate, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\n", encoding="utf-8"
    )
    first = policyc("compile")
    assert "PC0504" in first.err
    assert policyc("compile").err == first.err
    assert policyc("compile", "--format", "json").out.count("PC0504") == 1
    assert len(whole_runs) == 1
    policyc("compile", "--as-of", "2030-01-01")
    assert len(whole_runs) == 2


def test_one_file_changed(
    policyc: Policyc, project: Path, memory: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    policyc("compile")
    monkeypatch.setattr("policyc.targets.configmgr.ConfigMgr.project_artifacts", lambda *_: pytest.fail("made again"))
    assert made == ["pilot", "servers"]
    (project / "policies" / "servers.yaml").write_text(collection("Servers", "deny-lm", 3), encoding="utf-8")
    policyc("compile")
    assert made == ["pilot", "servers", "servers"]
    monkeypatch.undo()
    monkeypatch.chdir(project)
    assert policyc("compile", "--check").code == 0
    with_memory = tree(project / "output")
    assert os.environ["POLICYC_CACHE"] == "off"
    assert policyc("compile").out.startswith("output: 0 files written")
    assert tree(project / "output") == with_memory


def test_a_changed_file_of_the_output_is_made_again(policyc: Policyc, project: Path, memory: Path, made: list[str]) -> None:
    policyc("compile")
    policyc("compile")
    written = tree(project / "output")
    script = project / "output" / "servers" / "scripts" / "detect.ps1"
    before = script.stat()
    content = script.read_bytes()
    script.write_bytes(content.replace(b"NTLMv2", b"NTLMv1"))
    os.utime(script, ns=(before.st_atime_ns, before.st_mtime_ns))
    made.clear()
    assert policyc("compile").out.startswith("output: 1 file written")
    assert made == ["servers"]
    assert tree(project / "output") == written
    (project / "output" / "pilot" / "README.md").unlink()
    assert policyc("compile").out.startswith("output: 1 file written")
    assert tree(project / "output") == written


def test_a_higher_revision_comes_from_another_branch(policyc: Policyc, project: Path, memory: Path) -> None:
    policyc("compile")
    policyc("compile")
    file = project / "output" / "revisions.json"
    file.write_bytes(file.read_bytes().replace(b'"revision": 1', b'"revision": 7'))
    policyc("compile")
    assert b'"revision": 7' in file.read_bytes()
    assert policyc("compile", "--check").code == 0


def test_a_run_about_one_collection_believes_nothing_of_the_others(
    policyc: Policyc, project: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policyc("compile")
    servers = project / "policies" / "servers.yaml"
    before = servers.read_text(encoding="utf-8")
    servers.write_text(before.replace("    title", "    references: [X]\n    title", 1), encoding="utf-8")
    monkeypatch.setenv("POLICYC_CACHE", "off")
    assert not policyc("compile").out.startswith("output: 0 files written")
    monkeypatch.setenv("POLICYC_CACHE", str(memory))
    policyc("compile", "policies/rings/pilot.yaml")
    servers.write_text(before, encoding="utf-8")
    policyc("compile")
    assert policyc("compile", "--check").code == 0


def test_a_check_does_not_ask_it(policyc: Policyc, project: Path, memory: Path, whole_runs: list[object]) -> None:
    policyc("compile")
    policyc("compile", "--check")
    policyc("compile", "--check")
    assert len(whole_runs) == 3


def test_packages_on_a_disk_are_looked_at_each_time(
    policyc: Policyc, project: Path, memory: Path, whole_runs: list[object]
) -> None:
    (project / "policies" / "servers.yaml").write_text(
        "collection: {name: Servers, members: {devices: [S-1]}}\n"
        "defender_atp: {state: onboarded, package: {source: package, script: on.cmd}}\n",
        encoding="utf-8",
    )
    assert "PC0711" in policyc("compile").err
    package = project / "policies" / "package"
    package.mkdir()
    (package / "on.cmd").write_bytes(b"echo on\r\n")
    assert "PC0711" not in policyc("compile").err
    assert len(whole_runs) == 2


def test_a_run_that_did_not_end_is_finished(policyc: Policyc, project: Path, memory: Path, whole_runs: list[object]) -> None:
    policyc("compile")
    (project / "output" / ".policyc" / "stage").mkdir(parents=True)
    policyc("compile")
    assert len(whole_runs) == 2
    assert not (project / "output" / ".policyc").exists()


def test_another_targets_files_are_made_each_time(
    policyc: Policyc, project: Path, memory: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    policyc("compile")
    made.clear()
    (project / "policies" / "servers.yaml").write_text(collection("Servers", "deny-lm", 3), encoding="utf-8")
    monkeypatch.setattr("policyc.targets.configmgr.ConfigMgr.__module__", "example.target")
    policyc("compile")
    assert made == ["pilot", "servers"]


def test_little_is_imported_where_nothing_changed(project: Path, memory: Path) -> None:
    code = "import sys\nfrom policyc.cli.app import main\ntry:\n    main()\nfinally:\n    print(*sorted(sys.modules))"
    command = [sys.executable, "-c", code, "compile"]
    answers = [subprocess.run(command, cwd=project, capture_output=True, text=True, check=True) for _ in range(2)]
    first, second = (set(one.stdout.split()) for one in answers)
    heavy = {"jinja2", "jsonschema", "typer", "policyc.lowering", "policyc.analysis", "policyc.targets", "policyc.powershell"}
    assert first & heavy >= {"jinja2", "policyc.lowering", "policyc.targets"}
    assert second & heavy == set()


class Twins(RuleBasedStateMachine):
    """Two outputs of the same policies, one with memory and one without, that meet the same fate."""

    def __init__(self) -> None:
        super().__init__()
        self.top = Path(tempfile.mkdtemp(prefix="policyc-twins-"))
        self.policies = self.top / "policies"
        self.outputs = (self.top / "with", self.top / "without")
        self.old: list[Path] = []

    def teardown(self) -> None:
        shutil.rmtree(self.top)

    @initialize()
    def begin(self) -> None:
        (self.policies / "rings").mkdir(parents=True)
        for file in FILES:
            self.write(file, 0)
        self.compile(DAY)

    def write(self, file: str, number: int) -> None:
        texts = {
            "project.yaml": f"project: {{name: Example, id: 6eb3e9c0-8007-57db-857f-94065b852411, "
            f"publisher: IT {number % 2}}}\n",
            "common.yaml": "baseline: {name: Common}\nsettings:\n  lock:\n    title: The screen is locked\n    registry: "
            f"{{key: HKCU\\Software\\Example, name: Lock, type: dword, equals: {number}}}\n",
            "servers.yaml": "baselines: [Common]\n" + collection("Servers", "deny-lm", number + 1),
            "rings/pilot.yaml": collection("Pilot", "deny-lm", number + 1),
        }
        (self.policies / file).write_text(texts[file], encoding="utf-8")

    @rule(file=st.sampled_from(FILES), number=st.integers(0, 2))
    def edit(self, file: str, number: int) -> None:
        self.write(file, number)

    @rule(file=st.sampled_from(("servers.yaml", "rings/pilot.yaml")))
    def spoil(self, file: str) -> None:
        (self.policies / file).write_text("collection: {nmae: X}\n", encoding="utf-8")

    @rule(file=st.sampled_from(("servers.yaml", "rings/pilot.yaml")))
    def remove(self, file: str) -> None:
        (self.policies / file).unlink(missing_ok=True)

    @rule(number=st.integers(0, 200), how=st.sampled_from(("change", "hide", "remove", "empty")))
    def damage(self, number: int, how: str) -> None:
        for output in self.outputs:
            files = sorted(path for path in output.rglob("*") if path.is_file() and path.suffix in (".ps1", ".md", ".cab"))
            if not files:
                continue
            file = files[number % len(files)]
            before = file.stat()
            content = file.read_bytes()
            if how == "remove":
                file.unlink()
            else:
                file.write_bytes(b"" if how == "empty" else content[:-1] + b"#")
            if how == "hide":
                os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    @rule(slug=st.sampled_from(("servers", "pilot")))
    def merge_a_higher_revision(self, slug: str) -> None:
        for output in self.outputs:
            file = output / "revisions.json"
            if file.exists():
                found = json.loads(file.read_bytes())
                for name, entry in found["objects"].items():
                    entry["revision"] += name.startswith(f"{slug}/")
                file.write_text(json.dumps(found), encoding="utf-8")

    @rule()
    def forget(self) -> None:
        shutil.rmtree(self.top / "memory", ignore_errors=True)

    @rule()
    def keep_a_copy(self) -> None:
        copy = self.top / f"copy-{len(self.old)}"
        if (self.top / "memory").is_dir():
            shutil.copytree(self.top / "memory", copy)
            self.old.append(copy)

    @rule(number=st.integers(0, 20))
    def remember_something_older(self, number: int) -> None:
        if self.old:
            self.forget()
            shutil.copytree(self.old[number % len(self.old)], self.top / "memory")

    @rule(part=st.floats(0, 1))
    def tear(self, part: float) -> None:
        for file in (self.top / "memory").rglob("*.json"):
            content = file.read_bytes()
            file.write_bytes(content[: int(len(content) * part)])

    @rule()
    def another_version(self) -> None:
        with patched(stores, "fingerprint", lambda: "f" * 64):
            self.compile(DAY)

    @rule(days=st.integers(0, 2))
    def compile_on_another_day(self, days: int) -> None:
        self.compile(f"2026-02-0{days + 1}")

    @rule()
    def compile_with_a_clock_that_goes_back(self) -> None:
        from policyc.artifacts import sightings

        with patched(sightings.time, "time_ns", lambda: 10**18):
            self.compile(DAY)

    @rule(file=st.sampled_from(("servers.yaml", "rings/pilot.yaml")))
    def compile_one(self, file: str) -> None:
        if (self.policies / file).exists():
            self.compile(DAY, file)

    @rule(file=st.sampled_from(("servers.yaml", "rings/pilot.yaml")), number=st.integers(0, 2))
    def somebody_else_compiles_then_one_collection(self, file: str, number: int) -> None:
        """What a run isn't about may be another's work by now, though no revision tells."""
        if not (self.policies / file).exists() or not (self.policies / "servers.yaml").exists():
            return
        servers = self.policies / "servers.yaml"
        before = servers.read_text(encoding="utf-8")
        servers.write_text(before.replace("    title", "    references: [X]\n    title", 1), encoding="utf-8")
        for output in self.outputs:
            self.run(output, "off", DAY, ())
        self.compile(DAY, file)
        servers.write_text(before, encoding="utf-8")
        self.compile(DAY)

    @rule(number=st.integers(0, 200), how=st.sampled_from(("hash", "path")))
    def edit_the_manifest(self, number: int, how: str) -> None:
        for output in self.outputs:
            file = output / "manifest.json"
            if not file.exists():
                continue
            found = json.loads(file.read_bytes())
            paths = sorted(path for path in found["files"] if path.endswith((".ps1", ".md")))
            if not paths:
                continue
            path = paths[number % len(paths)]
            if how == "path":
                del found["files"][path]
            elif (output / path).exists():
                (output / path).write_bytes(b"# another script\n")
                found["files"][path]["sha256"] = sha256(b"# another script\n").hexdigest()
            file.write_text(json.dumps(found), encoding="utf-8")

    @invariant()
    def the_twins_are_alike(self) -> None:
        if self.policies.exists() and (self.policies / "common.yaml").exists():
            self.compile(DAY)

    def compile(self, day: str, *paths: str) -> None:
        with_memory, without = (
            self.run(output, memory, day, paths)
            for output, memory in zip(self.outputs, (str(self.top / "memory"), "off"), strict=True)
        )
        assert with_memory == without
        assert tree(self.outputs[0]) == tree(self.outputs[1])

    def run(self, output: Path, memory: str, day: str, paths: tuple[str, ...]) -> list[object]:
        said: list[object] = []

        def say(text: str) -> None:
            said.append(text.replace(output.as_posix(), "output"))

        with (
            environment("POLICYC_CACHE", memory),
            patched(sys.stdout, "write", say),
            patched(sys.stderr, "writelines", lambda lines: say("".join(lines))),
        ):
            as_of = None if day is None else parse_day(day)
            files = [self.policies / path for path in paths]
            try:
                code: object = quick.compile(quick.Line("compile", self.policies, output, as_of=as_of, paths=files))
            except UnknownPathError:
                code = "unknown"
        return [*said, code]


@contextmanager
def patched(of: object, name: str, by: Callable[..., object]) -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(of, name, by)
    try:
        yield
    finally:
        patch.undo()


@contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setenv(name, value)
    try:
        yield
    finally:
        patch.undo()


Twins.TestCase.settings = settings(
    max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
test_with_memory_as_without = Twins.TestCase
