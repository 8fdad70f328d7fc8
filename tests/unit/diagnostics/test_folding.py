"""A screenful for people: errors first, one finding for a cause; programs get everything."""

from __future__ import annotations

import json

from policyc.diagnostics import Diagnostic, Located, Region, error, note, warning
from policyc.diagnostics.reporters import Report, as_json, github, sarif, text
from policyc.model import Location


def at(found: Diagnostic) -> Located:
    line = found.location.line or 1
    return Located(found, Region(line, 3, 6, "  abc"), (None,) * len(found.related))


def place(line: int, file: str = "a.yaml") -> Location:
    return Location(file, line=line, column=3)


def shown(*found: Diagnostic, fold: bool = True) -> str:
    return "".join(text.render(Report(tuple(map(at, found)), "policies"), fold=fold))


def test_errors_come_first() -> None:
    out = shown(note("PC0321", "first", place(1)), warning("PC0404", "second", place(2)), error("PC0201", "third", place(3)))
    assert [line.partition("[")[0] for line in out.splitlines() if "[PC" in line] == ["error", "warning", "note"]
    assert out.endswith("1 error, 1 warning, 1 note\n")


def test_warnings_of_one_code_are_one() -> None:
    found = [warning("PC0404", f"Query {line}", place(line, f"{line % 2}.yaml"), help="pin it") for line in range(1, 8)]
    out = shown(*found)
    assert out.count("warning[PC0404]") == 1
    assert "warning[PC0404]: Query 1\n" in out
    assert "help: pin it\nand 6 more PC0404 in 2 files: policyc validate --all shows all\n" in out
    assert out.endswith("7 warnings\n")


def test_errors_are_one_only_if_their_words_are() -> None:
    same = [error("PC0206", "'type' can't be 'REG_SZ'", place(line), help="did you mean 'string'?") for line in (4, 5, 6)]
    other = error("PC0206", "'type' can't be 'REG_DWORD'", place(9), help="did you mean 'dword'?")
    out = shown(*same, other)
    assert out.count("error[PC0206]") == 2
    assert "also at policies/a.yaml:5:3, policies/a.yaml:6:3\n" in out
    assert out.endswith("4 errors\n")


def test_of_many_places_some_are_named() -> None:
    out = shown(*(error("PC0206", "the same", place(line)) for line in range(1, 11)))
    assert out.count("policies/a.yaml:") == 7
    assert "policies/a.yaml:7:3 and 3 more\n" in out


def test_pairs_of_collections_are_the_matrix() -> None:
    out = shown(*(error("PC0423", f"'A' and 'B{line}' fight", place(line)) for line in range(1, 40)))
    assert "and 38 more PC0423: policyc conflicts shows all\n" in out


def test_what_stands_in_the_output_is_never_folded() -> None:
    assert shown(*(warning("PC0605", f"file {line}", place(line)) for line in range(1, 5))).count("warning[PC0605]") == 4


def test_more_than_a_screenful_is_told_in_short() -> None:
    found = [error("PC0201", f"'key{line}' is not known", place(line), help="did you mean it?") for line in range(1, 21)]
    lines = shown(*found).splitlines()
    assert lines[0] == "policies/a.yaml:1:3: error[PC0201]: 'key1' is not known"
    assert lines[1] == "  help: did you mean it?"
    assert len(lines) == 42
    assert lines[-2:] == ["policyc validate --all shows each with its lines", "20 errors"]


def test_all_is_all_in_the_order_of_the_files() -> None:
    found = [note("PC0321", "a", place(1)), *(warning("PC0404", f"Query {line}", place(line)) for line in range(2, 30))]
    out = shown(*found, fold=False)
    assert out.count("warning[PC0404]") == 28
    assert out.startswith("note[PC0321]")


def test_programs_get_everything() -> None:
    report = Report(tuple(at(warning("PC0404", f"Query {line}", place(line))) for line in range(1, 30)), "policies")
    assert len(json.loads("".join(as_json.render(report)))["diagnostics"]) == 29
    assert len(list(github.render(report))) == 29
    assert len(json.loads("".join(sarif.render(report)))["runs"][0]["results"]) == 29
