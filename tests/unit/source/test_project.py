"""The front door, and that nothing gets past it as a traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from policyc.diagnostics import Diagnostic, Located, error
from policyc.model import Location
from policyc.source import events, load_project, locate
from policyc.source.heads import kind_of
from policyc.source.tree import build

Load = Callable[..., tuple[Any, list[Located]]]
GOOD = """\
# yaml-language-server: $schema=../schema/collection.schema.json
collection:
  name: Pilot workstations
  limited_to: All Desktop and Server Clients
  members:
    query: >-
      select ResourceId from SMS_R_System where Build >= '10.0.14393'
    devices: [PC-0001, "0815"]
  mode: enforce
defender_atp:
  state: onboarded
  package: {source: \\\\files.example.com\\packages, script: WindowsDefenderATPOnboardingScript.cmd}
settings:
  lan-manager-level: &level
    title: Only NTLMv2 is sent
    severity: critical
    registry:
      key: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa'
      name: LmCompatibilityLevel
      type: dword
      at_least: 0x5
      default: 3
    references: [CIS 2.3.11.7]
  other: *level
"""


def test_documents(load: Load, tmp_path: Path) -> None:
    sources, found = load(GOOD, another="collection: {name: x}\n")
    assert found == []
    assert sources.root == tmp_path
    assert [(document.file, document.kind) for document in sources.documents] == [
        ("another.yaml", "collection"),
        ("pilot.yaml", "collection"),
        ("project.yaml", "project"),
    ]
    pilot = sources.documents[1]
    assert pilot.tree["settings"]["lan-manager-level"]["registry"]["at_least"] == 5
    assert pilot.written(("settings", "lan-manager-level", "registry", "at_least")) == "0x5"
    assert pilot.written(("collection", "members", "devices", 1)) == "0815"
    assert pilot.written(("settings", "gone")) is None
    (tmp_path / "pilot.yaml").unlink()
    assert pilot.written(("collection", "name")) is None


def test_locate_sorts_and_survives_what_is_gone(load: Load, tmp_path: Path) -> None:
    load(GOOD)
    findings = [
        error("PC0301", "b", Location("pilot.yaml", ("settings", "gone", "registry"))),
        error("PC0301", "a", Location("pilot.yaml", ("collection", "name"))),
        error("PC0301", "c", Location("gone.yaml", ("a",))),
        error("PC0301", "d", Location("")),
    ]
    located = locate(tmp_path, findings)
    assert [(one.diagnostic.message, one.region and one.region.line) for one in located] == [
        ("d", None),
        ("c", None),
        ("a", 3),
        ("b", 13),
    ]


def test_each_file_is_parsed_once(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(GOOD)
    parsed: list[int] = []
    real = events.events
    monkeypatch.setattr(events, "events", lambda text: parsed.append(1) or real(text))
    places = [("collection",), ("collection", "name"), ("settings", "other", "title")]
    locate(tmp_path, [error("PC0301", "x", Location("pilot.yaml", place)) for place in places])
    assert len(parsed) == 1


def test_what_is_not_utf_8_is_shown_as_far_as_it_is(load: Load) -> None:
    _, [one] = load("collection:\n  name: Zürich\n".encode("latin-1"))
    assert one.region is not None
    assert (one.region.line, one.region.column, one.region.excerpt) == (2, 10, "  name: Z\ufffdrich")


def test_importing_the_room_is_cheap() -> None:
    program = (
        "import sys, policyc.source; "
        "print([name for name in ('jsonschema', 'jsonschema_rs', 'difflib') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=_environment())
    assert run.stdout.strip() == "[]"


def test_a_good_project_needs_no_explanation(load: Load, tmp_path: Path) -> None:
    load(GOOD)
    program = (
        "import sys, pathlib, policyc.source as source; found = source.load_project(pathlib.Path(sys.argv[1])); "
        "print(len(found.documents), 'jsonschema' in sys.modules, 'policyc.source.marks' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True, env=_environment()
    )
    assert run.stdout.strip() == "2 False False"


def _environment() -> dict[str, str]:
    import os

    import policyc

    return {**os.environ, "PYTHONPATH": str(Path(policyc.__file__).parents[1])}


# No input gives a traceback

_BITS = [
    "- ",
    ": ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "!x ",
    "!!int ",
    "|\n",
    ">-\n",
    "'",
    '"',
    "#",
    "%",
    "@",
    "`",
    "\\",
    "<<: ",
]
_BITS += [
    "---\n",
    "...\n",
    "\t",
    "\n",
    "\r",
    "  ",
    "\ufeff",
    "\x00",
    "\x85",
    "\u2028",
    "0777",
    "1E05",
    ".nan",
    "~",
    "no",
    '"\\uD800"',
    "9" * 30,
]
_BITS += [
    "settings:",
    "registry:",
    "collection:",
    "name: ",
    "equals: ",
    "at_least: 5\n",
    "type: dword\n",
    "present: true\n",
    "baseline:\n",
]
FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def check(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "project.yaml").write_text("project: {name: x, id: f0754dfa-ed97-5c6f-bdee-55b3e3e5851c}\n")
    (tmp_path / "a.yaml").write_bytes(data)
    sources = load_project(tmp_path)
    assert len(sources.documents) == 2 or any(found.is_error for found in sources.diagnostics)
    for located in locate(tmp_path, sources.diagnostics):
        found = located.diagnostic
        assert found.message
        assert found.help
        assert not found.message.endswith(".")
        assert "\n" not in found.message
        if located.region is not None:
            assert 1 <= located.region.column < located.region.end_column
            assert located.region.excerpt.replace("\t", "").isprintable() or not located.region.excerpt.isascii()


@pytest.mark.usefixtures("_each_parser")
@FOLDER
@given(st.binary(max_size=200))
@example(b"\xff\xfe")
@example(b"? ")
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    check(tmp_path, data)


@pytest.mark.usefixtures("_each_parser")
@FOLDER
@given(st.lists(st.sampled_from(_BITS) | st.text(max_size=5), max_size=30))
def test_any_pieces_of_yaml(tmp_path: Path, pieces: list[str]) -> None:
    check(tmp_path, "".join(pieces).encode("utf-8", "surrogatepass"))


@pytest.mark.usefixtures("_each_parser")
@FOLDER
@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD)), st.integers(0, 20), st.sampled_from(_BITS) | st.text(max_size=3)),
        min_size=1,
        max_size=4,
    )
)
def test_mutations_of_a_good_policy(tmp_path: Path, changes: list[tuple[int, int, str]]) -> None:
    text = GOOD
    for start, length, piece in changes:
        text = text[:start] + piece + text[start + length :]
    check(tmp_path, text.encode("utf-8", "surrogatepass"))


@pytest.mark.usefixtures("_each_parser")
@FOLDER
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["collection", "settings", "registry", "a", "name", "members", "equals", "type", "title"]),
                inner,
            )
        ),
        max_leaves=10,
    )
)
def test_any_tree(tmp_path: Path, tree: Any) -> None:
    import json

    text = json.dumps({"collection": {"name": "x"}, "settings": {"a": tree, "b": {"title": "x", "registry": tree}}})
    check(tmp_path, text.encode())


def test_the_parsers_agree_on_a_good_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = []
    for parser in (events.libyaml_events, events.python_events):
        monkeypatch.setattr(events, "events", parser)
        trees.append(build("a.yaml", GOOD).tree)
    assert trees[0] == trees[1]
    assert not isinstance(kind_of("a.yaml", trees[0]), Diagnostic)
