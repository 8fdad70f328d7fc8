"""What people and programs are shown."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.diagnostics import Located, Region, Related, error, note, warning
from policyc.diagnostics.reporters import Report, as_json, github, text
from policyc.diagnostics.reporters.plain import excerpt, plain, width
from policyc.model import Location

PILOT = Location("pilot.yaml", ("settings", "x"))
OTHER = Location("rings/other.yaml", ("defender_atp",))


def conflict() -> Located:
    found = error(
        "PC0401",
        "'Pilot' and 'Other' can meet on one device",
        PILOT,
        help="add 'exclude: [Other]' to 'Pilot'",
        related=[Related(OTHER, "offboarding stands here")],
    )
    return Located(found, Region(12, 5, 13, "    at_least: 5"), (Region(3, 1, 13, "defender_atp:"),))


def rendered(*located: Located, folder: str = "policies", colour: bool = False) -> str:
    return "".join(text.render(Report(located, folder), colour=colour))


def test_text_shows_message_excerpt_mark_related_place_help_and_count() -> None:
    assert rendered(conflict()) == (
        "error[PC0401]: 'Pilot' and 'Other' can meet on one device\n"
        "  --> policies/pilot.yaml:12:5\n"
        "   |\n"
        "12 |     at_least: 5\n"
        "   |     ^^^^^^^^\n"
        "  --> policies/rings/other.yaml:3:1: offboarding stands here\n"
        "   |\n"
        " 3 | defender_atp:\n"
        "   | ^^^^^^^^^^^^\n"
        "help: add 'exclude: [Other]' to 'Pilot'\n"
        "\n"
        "1 error\n"
    )


def test_text_without_a_region() -> None:
    found = warning("PC0609", "kept", Location(""))
    assert rendered(Located(found, None)) == "warning[PC0609]: kept\n --> policies\n\n1 warning\n"


def test_text_uses_the_line_of_a_location_without_a_node() -> None:
    found = error("PC0101", "broken", Location("a.yaml", line=4, column=2))
    assert " --> policies/a.yaml:4:2\n" in rendered(Located(found, None))


def test_text_counts_each_level() -> None:
    found = [
        error("PC0101", "a", PILOT),
        error("PC0101", "b", PILOT),
        warning("PC0102", "c", PILOT),
        note("PC0103", "d", PILOT),
    ]
    assert rendered(*[Located(item, None) for item in found]).endswith("\n2 errors, 1 warning, 1 note\n")
    assert rendered() == ""


def test_colour_only_adds_escapes() -> None:
    import re

    coloured = rendered(conflict(), colour=True)
    assert "\x1b[1;31merror[PC0401]\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == rendered(conflict())


def test_marks_stand_below_what_they_mark_with_tabs_wide_and_control_characters() -> None:
    shown, start, length = excerpt("\tk: \u65e5\u672c\x1b x", 4, 7, 100)
    assert shown == "    k: \u65e5\u672c\\x1b x"
    assert (start, length) == (7, 8)
    assert excerpt("", 0, 0, 100) == ("", 0, 1)
    assert excerpt("abc", 7, 9, 100) == ("abc", 3, 1)


def test_long_lines_are_cut_around_the_mark() -> None:
    line = "x" * 5000 + "MARK" + "y" * 5000
    shown, start, length = excerpt(line, 5000, 5004, 60)
    assert len(shown) == 66
    assert shown[start : start + length] == "MARK"
    shown, start, length = excerpt("z" * 900, 0, 900, 60)
    assert (start, length, shown) == (0, 60, "z" * 60 + "...")


@given(st.text(), st.integers(-5, 40), st.integers(-5, 40), st.integers(3, 30))
def test_no_text_reaches_a_terminal_raw(line: str, start: int, end: int, room: int) -> None:
    shown, before, length = excerpt(line, start, end, room)
    assert shown.isprintable()
    assert before + length <= width(shown) + 1


@given(st.text(), st.text(), st.text())
def test_hostile_text_gives_no_escape_in_any_format(message: str, help: str, line: str) -> None:
    found = error("PC0401", message, Location(f"a{line}.yaml"), help=help, related=[Related(OTHER, message)])
    report = Report((Located(found, Region(1, 1, 2, line), (None,)),), "policies")
    for piece in "".join(text.render(report)).split("\n"):
        assert piece.isprintable()
    commands = "".join(github.render(report))
    assert commands.count("\n") == 1
    assert commands[:-1].isprintable()
    assert "".join(as_json.render(report)).isascii()


def test_plain_writes_out_what_is_invisible() -> None:
    assert plain("a\u200bb\u202ec\x9b\U000e0001\ud800") == "a\\u200bb\\u202ec\\x9b\\U000e0001\\ud800"


def test_json_has_every_part() -> None:
    data = json.loads("".join(as_json.render(Report((conflict(),), "policies", {"asOf": "2026-01-31"}))))
    assert data == {
        "version": 1,
        "diagnostics": [
            {
                "code": "PC0401",
                "level": "error",
                "message": "'Pilot' and 'Other' can meet on one device",
                "file": "policies/pilot.yaml",
                "line": 12,
                "column": 5,
                "endColumn": 13,
                "help": "add 'exclude: [Other]' to 'Pilot'",
                "related": [
                    {
                        "message": "offboarding stands here",
                        "file": "policies/rings/other.yaml",
                        "line": 3,
                        "column": 1,
                        "endColumn": 13,
                    }
                ],
            }
        ],
        "summary": {"errors": 1, "warnings": 0, "notes": 0},
        "asOf": "2026-01-31",
    }


def test_json_keeps_related_places_whose_region_is_unknown() -> None:
    found = conflict().diagnostic
    data = json.loads("".join(as_json.render(Report((Located(found, None),), "policies"))))
    assert data["diagnostics"][0]["related"][0]["line"] is None


def test_github_commands() -> None:
    assert "".join(github.render(Report((conflict(),), "policies"))) == (
        "::error file=policies/pilot.yaml,line=12,col=5,endLine=12,endColumn=12,title=PC0401::"
        "'Pilot' and 'Other' can meet on one device%0A"
        "policies/rings/other.yaml:3:1: offboarding stands here%0A"
        "help: add 'exclude: [Other]' to 'Pilot'\n"
    )


@pytest.mark.parametrize(("level", "command"), [(warning, "warning"), (note, "notice")])
def test_github_levels_and_escaping(level: type, command: str) -> None:
    found = level("PC0401", "50% :: x", Location("a,b:c%.yaml"))
    assert "".join(github.render(Report((Located(found, None),), "policies"))) == (
        f"::{command} file=policies/a%2Cb%3Ac%25.yaml,title=PC0401::50%25 :: x\n"
    )
    of_the_folder = Located(level("PC0401", "x", Location("")), None)
    assert "".join(github.render(Report((of_the_folder,), "policies"))) == f"::{command} title=PC0401::x\n"


def test_files_are_shown_below_the_folder_as_it_was_named() -> None:
    assert Report((), ".").shown("a.yaml") == "a.yaml"
    assert Report((), "estate/policies").shown("a.yaml") == "estate/policies/a.yaml"
    assert Report((), "/p/").shown("a.yaml") == "/p/a.yaml"
    assert Report((), "policies").shown("") == "policies"
