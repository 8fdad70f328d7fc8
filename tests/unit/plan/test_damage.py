"""An output folder that somebody has edited, or a merge has spoiled: every node of its files as something else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from policyc.driver import output as writing
from policyc.driver.order import Order
from policyc.plan import StateError
from policyc.plan.damage import reading
from policyc.plan.deployed import deployment_tree, read
from policyc.plan.site import site_changes
from unit.plan.making import collection, project_of, setting

ODD: tuple[Any, ...] = (None, 5, "nothing of the kind", [], [5], {"a": {}})
OURS = re.compile(
    r"it is no mapping|its 'states' name what this policyc doesn't know"
    r"|it has no '\w+'|its [\w' -]+ (isn't as policyc writes it|is none that this policyc knows)"
    r"|it isn't as policyc writes it"
)
POLICY = collection(
    "Pilot",
    {
        "one": setting("at_least: 5, default: 3", more="severity: critical, applies_to: {from_build: 22000}"),
        "two": setting("one_of: [a, b], set: a", name="W", type="string", more="takes_effect: restart, sensitive: true"),
        "three": setting("absent: true", name="X"),
    },
    "limited_to: All Desktop and Server Clients, members: {devices: [PC-1], exclude: [Other]}, formerly: [Old name]",
    "exceptions: [{settings: [three], reason: R, owner: O, ticket: T, expires: 2099-01-12}]\n"
    "targets: [configmgr, intune]\nintune: {groups: [3f0c1c52-5c1e-4b8e-9d57-0a6b1c2d3e4f], every: 2 days,"
    " at: '09:30', time_zone: utc, remediate: false}\n"
    "deployment: {start: '2026-12-01T20:00', evaluate_every: 2 days, distribution_point_groups: [All]}\n"
    "defender_atp: {state: onboarded, package: {source: '\\\\files\\p', script: WindowsDefenderATPOnboardingScript.cmd}}",
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """The project and what was compiled of it."""
    top = tmp_path_factory.mktemp("damage")
    project = project_of(top / "policies", {"pilot.yaml": POLICY})
    outcome = writing.run(Order(top / "policies", top / "output", date(2026, 1, 15)))
    assert not [one for one in outcome.diagnostics if one.is_error]
    return project, top / "output"


def ways(tree: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """To every node."""
    yield way
    parts = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, part in parts:
        yield from ways(part, (*way, step))


def spoiled(tree: Any, way: tuple[Any, ...], value: Any) -> Any:
    """The tree with another node there."""
    if not way:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[way[0]] = spoiled(tree[way[0]], way[1:], value)
    return copy


def trouble(look: Callable[[], object]) -> StateError | None:
    """What is said of it; None where it gives an answer all the same."""
    try:
        look()
    except StateError as told:
        return told
    return None


def check(file: Path, tree: Any, dump: Callable[[Any], str], look: Callable[[], object]) -> int:
    """Every node as everything odd: nothing but a StateError of ours comes of it. How many were noticed."""
    before = file.read_bytes()
    noticed = 0
    try:
        for way in ways(tree):
            for value in ODD:
                file.write_text(dump(spoiled(tree, way, value)), encoding="utf-8", newline="\n")
                told = trouble(look)
                if told is not None:
                    noticed += 1
                    name, _, reason = told.message.partition(" can't be used: ")
                    assert (name, bool(told.way_out)) == (f"'{file.as_posix()}'", True)
                    assert OURS.fullmatch(reason), (way, value, reason)
    finally:
        file.write_bytes(before)
    return noticed


def test_a_snapshot(compiled: tuple[Any, Path]) -> None:
    project, output = compiled
    file = next(output.glob("*/resolved.yaml"))
    tree = yaml.safe_load(file.read_bytes())
    noticed = check(file, tree, yaml.safe_dump, lambda: read(output, project))
    assert noticed > 150


def test_the_sites_data(compiled: tuple[Any, Path]) -> None:
    project, output = compiled
    file = output / "site.json"
    tree = {word: part for word, part in json.loads(file.read_bytes()).items() if word != "exit_codes"}
    assert check(file, tree, json.dumps, lambda: read(output, project)) > 15


def test_deployments(compiled: tuple[Any, Path]) -> None:
    _, output = compiled
    file = next(output.glob("*/deployment.json"))
    tree = json.loads(file.read_bytes())
    small = {word: tree[word] for word in ("phase", "collection")}
    small["baseline"] = {"deployment": tree["baseline"]["deployment"]}
    small["packages"] = [{**tree["packages"][0], "programs": tree["packages"][0]["programs"][:1], "content": {}}]
    small["packages"][0]["programs"][0]["exit_codes"] = []

    def look() -> None:
        there = deployment_tree(output, file.parent.name)
        with reading(file):
            site_changes(there, tree)

    assert check(file, small, json.dumps, look) > 15


@pytest.mark.parametrize("content", [b"a: [", b"a: \xff", b"[" * 3000, b"a: \x00"])
def test_what_is_no_yaml(compiled: tuple[Any, Path], content: bytes) -> None:
    project, output = compiled
    file = next(output.glob("*/resolved.yaml"))
    before = file.read_bytes()
    file.write_bytes(content)
    try:
        told = trouble(lambda: read(output, project))
    finally:
        file.write_bytes(before)
    assert told is not None
    assert re.search(r"can't be used: it is (not YAML|not UTF-8|nested without end)( \(line \d+, column \d+\))?$", told.message)
