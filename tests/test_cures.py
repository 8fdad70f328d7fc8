"""The way out is walked: each help that names a change is followed, and the policies are checked again.

What a program can follow (`Diagnostic.cures`) is done as an editor would do it. What takes a person is done by hand in
`tests/cures/`. `help_texts.py` reads every help from the source, and one that no example has shown fails.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from curing import PROJECT, Trials, found_in
from help_texts import patterns
from policyc.diagnostics import pages

TESTS = Path(__file__).parent
BLOCK = re.compile(r"^```(?:yaml|powershell|xml) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)
CHOICE = re.compile(r"«((?:[^|»]|\n)*)\|((?:[^»]|\n)*)»")
"""`«before|after»`: what is wrong, and what the help says to write."""
OPTIONS = re.compile(r"^Options: .*--as-of (\S+)", re.MULTILINE)
EXAMPLES = {code: pages.page(code).section("Example") for code in pages.codes()}
GOLDEN = sorted(folder for folder in (TESTS / "golden").iterdir() if (folder / "policies").is_dir())
BY_HAND = sorted((TESTS / "cures").glob("*.txt"))
NO_CHANGE = (TESTS / "cures" / "no-change.list").read_text("utf-8").splitlines()
"""Beginnings of helps that name no change of a policy's text, each with its reason in a line before it."""


def files_of(text: str) -> dict[str, str]:
    """The files of an example by hand: parts begin with `# file: NAME`, what stands before them is `pilot.yaml`."""
    first, *rest = FILE.split(text)
    named = dict(zip(rest[::2], rest[1::2], strict=True))
    return {**({"pilot.yaml": first} if first.strip() else {}), **named}


def examples_by_hand() -> list[tuple[str, str]]:
    return [
        (f"{file.stem}-{number}", part.strip("\n") + "\n")
        for file in BY_HAND
        for number, part in enumerate(re.split(r"^=+$\n", file.read_text("utf-8"), flags=re.MULTILINE))
    ]


HAND = dict(examples_by_hand())


def before(text: str) -> dict[str, str]:
    return files_of(CHOICE.sub(r"\1", text))


def after(text: str) -> dict[str, str]:
    return files_of(CHOICE.sub(r"\2", text))


@pytest.mark.parametrize("code", [code for code in EXAMPLES if BLOCK.search(EXAMPLES[code])])
def test_cures_of_the_catalogue(code: str, tmp_path: Path) -> None:
    day = OPTIONS.search(EXAMPLES[code])
    trials = Trials()
    files = dict(BLOCK.findall(EXAMPLES[code]))
    trials.try_all(code, files, tmp_path / "p", alone=True, **({"day": date.fromisoformat(day[1])} if day else {}))
    assert trials.troubles == []


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_cures_of_the_golden_findings(folder: Path, tmp_path: Path) -> None:
    policies = folder / "policies"
    files = {file.relative_to(policies).as_posix(): file.read_text("utf-8") for file in sorted(policies.rglob("*.yaml"))}
    trials = Trials()
    trials.try_all(folder.name, files, tmp_path / "p", alone=False)
    assert trials.troubles == []


@pytest.mark.parametrize("name", HAND)
def test_what_a_help_says_is_a_way_out(name: str, tmp_path: Path) -> None:
    """Both by a program, where it can, and by hand."""
    text = HAND[name]
    found = found_in(before(text), tmp_path / "before")
    assert [one for one in found if one.code not in IN_ANY_CASE], "nothing is wrong with it"
    trials = Trials()
    trials.try_all(name, before(text), tmp_path / "p", alone=True, found=found)
    assert trials.troubles == []
    if CHOICE.search(text):
        left = found_in(after(text), tmp_path / "after")
        said = {(one.code, one.message) for one in found if one.code not in IN_ANY_CASE}
        assert [f"{one.code} {one.message}" for one in left if one.is_error or (one.code, one.message) in said] == []
    else:
        assert all(one.cures for one in found if one.code not in IN_ANY_CASE), (
            "what no program can follow needs to be done by hand: «before|after»"
        )


IN_ANY_CASE = {"PC0426", "PC0504"}
"""Remarks that stay whatever is mended."""


def test_every_help_was_tried(tmp_path: Path) -> None:
    helps = set()
    for code, example in EXAMPLES.items():
        day = OPTIONS.search(example)
        if BLOCK.search(example) and BLOCK.search(pages.page(code).section("Fixed")):
            options = {"day": date.fromisoformat(day[1])} if day else {}
            helps |= {one.help for one in found_in(dict(BLOCK.findall(example)), tmp_path / "p", **options)}
    for text in HAND.values():
        helps |= {one.help for one in found_in(before(text), tmp_path / "p")}
    untried = [
        f"{place}: {pattern}"
        for pattern, place in patterns().items()
        if not any(re.fullmatch(pattern, text, re.DOTALL) for text in helps)
        and not any(line and re.match(re.escape(line)[:-1], _plain(pattern)) for line in NO_CHANGE if not line.startswith("#"))
    ]
    assert untried == [], "give an example of it in tests/cures/, or say in no-change.list why it names no change"


def _plain(pattern: str) -> str:
    return re.sub(r"\\(.)", r"\1", pattern.replace("(?s:.*)", "…"))


def test_what_names_no_change_is_a_help() -> None:
    known = {_plain(pattern) for pattern in patterns()}
    stale = [line for line in NO_CHANGE if line and not line.startswith("#") and not any(one.startswith(line) for one in known)]
    assert stale == []


def test_an_example_names_what_it_is_about() -> None:
    assert PROJECT
    assert all(CHOICE.search(text) or "«" not in text for text in HAND.values())
