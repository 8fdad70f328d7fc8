"""What the matrix holds, as text and as CSV."""

from __future__ import annotations

import csv
from io import StringIO

from policyc.analysis import Answer
from policyc.matrix import Cell, Matrix, as_csv, as_text
from unit.matrix.conftest import Estate, collection


def between(matrix: Matrix, one: str, other: str) -> Cell:
    names = [name for name, _ in matrix.collections]
    wanted = sorted((names.index(one), names.index(other)))
    return next(cell for cell in matrix.cells if [cell.one, cell.other] == wanted)


def test_the_golden_estate_has_every_relation_and_every_conflict(golden: Matrix) -> None:
    assert len(golden.collections) == 20
    for one, other, answer, natures in (
        ("Pilot", "Test bench", Answer.SURELY, ["different writes"]),
        ("Lab", "Test bench", Answer.SURELY, ["different writes"]),
        ("Pilot", "Watched", Answer.SURELY, ["a write against a condition"]),
        ("Old desks", "New desks", Answer.SURELY, ["a write against a condition"]),
        ("Clean", "Tool users", Answer.SURELY, ["a write below an absent key"]),
        ("Pilot", "Twice", Answer.SURELY, []),
        ("New desks", "Old theme", Answer.SURELY, []),
        ("Meeting rooms", "Board room", Answer.PERHAPS, ["different writes"]),
        ("Meeting rooms", "Signage", Answer.PERHAPS, ["different writes"]),
        ("Printers", "Site's own", Answer.PERHAPS, ["different writes"]),
        ("Cash desks", "Counters", Answer.NEVER, []),
        ("Kiosks", "Laptops", Answer.NEVER, []),
        ("Lab", "Watched", Answer.NEVER, []),
        ("Kiosks", "Servers", Answer.NEVER, []),
    ):
        cell = between(golden, one, other)
        assert (cell.answer, list(golden.natures(cell))) == (answer, natures), (one, other)
    assert {cell.reason for cell in golden.cells} >= {
        "'PC-0002' is in both",
        "they list different devices",
        "'Counters' excludes 'Cash desks'",
        "the project keeps 'Laptops' apart from 'Kiosks': A kiosk has no battery",
        "both have queries",
        "the site's membership of 'Site's own' is unknown",
        "'Board room' is limited to 'Meeting rooms', which has whatever device it has",
    }


def test_text(estate: Estate) -> None:
    found = estate(
        a=collection("Kiosks", 60), b=collection("Desks", 900, id="later"), c=collection("Others", 60, head="id: PS100001")
    )
    assert "".join(as_text.render(found)) == (
        "'Desks' and 'Kiosks' surely share a device: 'PC-0001' is in both\n"
        "  1 conflict (different writes: 1), 1 shared place\n"
        "  HKLM\\SOFTWARE\\Example : Lock\n"
        "    b.yaml:14  later: must be 900 [dword]; writes 900\n"
        "    a.yaml:14  lock: must be 60 [dword]; writes 60\n"
        "\n"
        "'Desks' and 'Others' perhaps share a device: the site's membership of 'Others' is unknown\n"
        "  1 conflict (different writes: 1), 1 shared place\n"
        "  HKLM\\SOFTWARE\\Example : Lock\n"
        "    b.yaml:14  later: must be 900 [dword]; writes 900\n"
        "    c.yaml:14  lock: must be 60 [dword]; writes 60\n"
        "\n"
        "3 collections: 3 pairs with settings for the same places, of which 3 can share a device;"
        " 2 pairs in conflict, 1 for sure\n"
    )


def test_csv_has_a_line_for_each_conflict_and_for_each_pair_without_one(golden: Matrix) -> None:
    text = as_csv.render(golden)
    assert text.count("\n") == text.count("\r\n")
    head, *lines = csv.reader(StringIO(text, newline=""))
    assert tuple(head) == as_csv.HEAD
    assert {len(line) for line in lines} == {len(head)}
    assert len(lines) == sum(max(1, len(cell.clashes)) for cell in golden.cells)
    assert ["Cash desks", "Counters", "never", "'Counters' excludes 'Cash desks'", "1", "0", *[""] * 8] in lines
    (line,) = [line for line in lines if line[:2] == ["Clean", "Tool users"]]
    assert line[2:] == [
        "surely",
        "'PC-0004' is in both",
        "0",
        "1",
        "a write below an absent key",
        r"HKLM\SOFTWARE\Example\Tool\Options : Mode",
        "tool-gone",
        "gone.yaml:14",
        "must be absent; only reported",
        "tool-mode",
        "tool.yaml:15",
        "must be 1 [dword]; writes 1",
    ]


def test_no_cell_is_a_formula(estate: Estate) -> None:
    names = ['=HYPERLINK("http://example.com")', "+1+1", "-2", "@SUM(1)"]
    found = estate(**{f"f{at}": collection("'" + name + "'", at) for at, name in enumerate(names)})
    cells = [cell for line in csv.reader(StringIO(as_csv.render(found), newline="")) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert {f"'{name}" for name in names} <= set(cells)


def test_sensitive_data_is_not_shown(estate: Estate) -> None:
    found = estate(
        a=collection("A", 1234567, more="    sensitive: true\n"), b=collection("B", 7654321, more="    sensitive: true\n")
    )
    assert found.conflicts
    for text in ("".join(as_text.render(found)), as_csv.render(found)):
        assert "1234567" not in text
        assert "7654321" not in text
        assert "writes what the policy says" in text


def test_an_estate_at_peace(estate: Estate) -> None:
    found = estate(a=collection("A", 1), b=collection("B", 1))
    assert "".join(as_text.render(found)) == (
        "2 collections: 1 pair with settings for the same places, of which 1 can share a device;"
        " 0 pairs in conflict, 0 for sure\n"
    )
