"""The page in a real browser: what is shown, by mouse, by keyboard, and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policyc.analysis import Answer
from policyc.matrix import Cell, Clash, Matrix, Side, page
from unit.matrix.browser import Browser
from unit.matrix.conftest import Estate, collection

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)//"
ROWS = "[...document.querySelectorAll('#grid tbody th')].map(one => one.textContent)"
COLUMNS = "[...document.querySelectorAll('#grid thead th span')].map(one => one.textContent)"
DETAILS = "document.getElementById('details').innerText"
FOCUSED = """(() => { const focused = document.activeElement;
  return focused.tagName === "TD" ? [focused.parentNode.rowIndex, focused.cellIndex] : null; })()"""
IN_SIGHT = """(() => {
  const cell = document.activeElement.getBoundingClientRect();
  const name = document.activeElement.parentNode.cells[0].getBoundingClientRect();
  const head = document.querySelector("#grid thead th:nth-child(2)").getBoundingClientRect();
  const box = document.getElementById("scroll").getBoundingClientRect();
  return [Math.abs(head.top - box.top) < 2, Math.abs(name.left - box.left) < 2,
          cell.top >= head.bottom - 1, cell.left >= name.right - 1, cell.bottom <= box.bottom + 1, cell.right <= box.right + 1];
})()"""
"""The heads are where they belong, and the cell with the focus lies between them and the edges."""
STEPS = (
    ("ArrowRight", [1, 2]),
    ("ArrowDown", [2, 2]),
    ("ArrowLeft", [2, 1]),
    ("ArrowUp", [1, 1]),
    ("ArrowUp", [1, 1]),
    ("ArrowLeft", [1, 1]),
    ("End", [1, 20]),
    ("ArrowRight", [1, 20]),
    ("Home", [1, 1]),
)


@pytest.fixture
def shown(golden: Matrix, browser: Browser, tmp_path: Path) -> Browser:
    """The golden estate's page, freshly loaded."""
    file = tmp_path / "conflicts.html"
    file.write_bytes(page.render(golden))
    browser.open(file)
    return browser


def cell(row: str, column: str) -> str:
    """A selector for the cell of two collections of the golden estate."""
    return f"#grid tbody tr:nth-child({NAMES.index(row) + 1}) td:nth-child({NAMES.index(column) + 2})"


NAMES = [
    "Board room", "Cash desks", "Clean", "Counters", "Kiosks", "Lab", "Laptops", "Meeting rooms", "New desks", "Old desks",
    "Old theme", "Pilot", "Printers", "Servers", "Signage", "Site's own", "Test bench", "Tool users", "Twice", "Watched",
]  # fmt: skip


def test_the_matrix_is_there(shown: Browser) -> None:
    assert shown.value(ROWS) == shown.value(COLUMNS) == NAMES
    assert shown.value(f"document.querySelector('{cell('Pilot', 'Lab')}').className") == "s c"
    assert shown.value(f"document.querySelector('{cell('Pilot', 'Lab')}').textContent") == "1"
    assert shown.value(f"document.querySelector('{cell('Kiosks', 'Laptops')}').className") == "n"
    assert shown.value(f"document.querySelector('{cell('Twice', 'Pilot')}').textContent") == "="
    assert shown.value("document.getElementById('plain').offsetHeight") == 0
    assert shown.value("document.getElementById('count').textContent") == "20 rows, 20 columns"


def test_a_click_opens_both_places(shown: Browser) -> None:
    shown.click(cell("Watched", "Pilot"))
    text = shown.value(DETAILS)
    assert "Surely share a device: 'PC-0002' is in both." in text
    assert "a write against a condition" in text
    assert "reported.yaml:16" in text
    assert "base.yaml:12" in text
    assert text.index("reported.yaml:16") < text.index("base.yaml:12"), "the row's collection comes first"
    assert shown.value("document.querySelectorAll('td.open').length") == 1
    shown.click(cell("Pilot", "Watched"))
    text = shown.value(DETAILS)
    assert text.index("base.yaml:12") < text.index("reported.yaml:16")
    shown.click(cell("Kiosks", "Laptops"))
    assert "Never share a device: the project keeps 'Laptops' apart from 'Kiosks': A kiosk has no battery." in shown.value(
        DETAILS
    )
    shown.click(cell("Clean", "Pilot"))
    assert "They have no settings for the same places." in shown.value(DETAILS)


def test_by_keyboard_alone(shown: Browser) -> None:
    shown.value("document.getElementById('only').focus()")
    # A browser may stop at the box that scrolls first.
    shown.press("Tab")
    if shown.value(FOCUSED) is None:
        shown.press("Tab")
    assert shown.value(FOCUSED) == [1, 1]
    assert shown.value("document.querySelectorAll('#grid td[tabindex=\"0\"]').length") == 1
    for key, where in STEPS:
        shown.press(key)
        assert shown.value(FOCUSED) == where, key
    shown.press("End", control=True)
    assert shown.value(FOCUSED) == [20, 20]
    shown.press("Home", control=True)
    for _ in range(7):
        shown.press("ArrowRight")
    assert (
        shown.value("document.activeElement.getAttribute('aria-label')") == "Board room and Meeting rooms: perhaps, 1 conflict"
    )
    assert shown.value("[...document.querySelectorAll('#grid th.at')].map(one => one.textContent)") == NAMES[7:8] + NAMES[:1]
    shown.press("Enter")
    assert "board.yaml:15" in shown.value(DETAILS)
    assert shown.value(FOCUSED) == [1, 8], "the focus stays where it was"
    shown.press("Escape")
    assert "Choose a cell" in shown.value(DETAILS)
    shown.press(" ")
    assert "meeting.yaml:15" in shown.value(DETAILS)


def test_the_filter_and_the_switch(shown: Browser) -> None:
    shown.click("#filter")
    shown.write("OLD")
    assert shown.value(ROWS) == ["Old desks", "Old theme"]
    assert shown.value(COLUMNS) == ["New desks"]
    shown.click("#only")
    assert shown.value(ROWS) == ["Old desks"]
    assert shown.value("document.getElementById('count').textContent") == "1 row, 1 column"
    shown.value("document.getElementById('filter').value = ''")
    shown.click("#only")
    shown.click("#only")
    assert shown.value(ROWS) == [name for name in NAMES if name not in ("Cash desks", "Counters", "Old theme", "Twice")]
    assert shown.value("document.querySelectorAll('#grid td.n').length") == 0
    shown.click("#filter")
    shown.write("nobody")
    assert shown.value("document.getElementById('count').textContent") == "no collection fits"
    assert shown.value(ROWS) == []


def test_an_opened_cell_stays_marked_through_a_filter(shown: Browser) -> None:
    shown.click(cell("Pilot", "Lab"))
    shown.click("#filter")
    shown.write("pilot")
    assert shown.value("document.querySelector('td.open').textContent") == "1"
    assert "lab.yaml:15" in shown.value(DETAILS)


def test_without_javascript(golden: Matrix, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "conflicts.html"
    file.write_bytes(page.render(golden))
    browser.open(file, scripts=False)
    assert browser.value("document.getElementById('view').hidden && document.getElementById('tools').hidden")
    pairs, clashes = browser.value("[...document.querySelectorAll('#plain tbody')].map(one => one.rows.length)")
    assert (pairs, clashes) == (len(golden.conflicts), len(golden.clashes))
    text = browser.value("document.getElementById('plain').innerText")
    assert "'PC-0001' is in both" in text
    assert "strict.yaml:12" in text


def test_light_and_dark(shown: Browser) -> None:
    back = "getComputedStyle(document.body).backgroundColor"
    try:
        shown.dark(wanted=True)
        assert shown.value(back) == "rgb(22, 24, 28)"
    finally:
        shown.dark(wanted=False)
    assert shown.value(back) == "rgb(255, 255, 255)"


def test_text_of_policies_stays_text(estate: Estate, browser: Browser, tmp_path: Path) -> None:
    quoted = '"' + HOSTILE.replace('"', '\\"') + '"'
    found = estate(
        name=quoted,
        a=collection(quoted, 1),
        b=collection(quoted.replace("img", "IMG2"), 2),
    )
    data = page.render(found)
    assert data.isascii()
    assert b"<img" not in data.lower()
    file = tmp_path / "page.html"
    file.write_bytes(data)
    browser.open(file)
    assert browser.value(ROWS)[0] == HOSTILE
    browser.click("#grid tbody tr:nth-child(1) td:nth-child(3)")
    assert HOSTILE in browser.value(DETAILS)
    assert browser.value("document.images.length") == 0
    assert browser.value("document.title") == f"Conflicts: {HOSTILE}"


def test_the_page_needs_nothing_from_elsewhere(golden: Matrix) -> None:
    text = page.render(golden).decode("ascii")
    linked = re.findall(r"\b(?:src|href)=\"?([^\s\">]+)", text)
    assert linked
    assert [one for one in linked if not one.startswith(("#clash-", "data:,"))] == []
    assert not re.search(r"https?://|@import|url\(", text)


def big(count: int) -> Matrix:
    """Two hundred collections, each with all others in common."""
    sides = [Side(f"setting-{at}", "must be 1", f"c{at}.yaml", at, r"HKLM\SOFTWARE\Example : Value") for at in range(count)]
    clashes = [Clash("different writes", sides[0].registry, sides[at], sides[at + 1]) for at in range(count - 1)]
    cells = [
        Cell(one, other, Answer.PERHAPS, "both have queries", 50, [(one, False)] if other == one + 1 else [])
        for one in range(count)
        for other in range(one + 1, count)
    ]
    names = tuple((f"Workstations of site {at:03}", f"c{at}.yaml") for at in range(count))
    return Matrix("Large estate", names, tuple(cells), tuple(clashes))


def test_two_hundred_collections(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "big.html"
    file.write_bytes(page.render(big(200)))
    browser.open(file)
    assert browser.value("document.querySelectorAll('#grid tbody td').length") == 200 * 200
    # The heads stay in sight wherever one scrolls, and a cell that the keyboard reaches isn't behind them.
    browser.value("document.querySelector('#grid td').focus()")
    browser.press("End", control=True)
    assert browser.value(IN_SIGHT) == [True] * 6
    for key in ("ArrowLeft", "ArrowUp", "Home", "ArrowRight"):
        browser.press(key)
        assert browser.value(IN_SIGHT) == [True] * 6, key
    browser.click("#filter")
    browser.write("site 117")
    assert browser.value(ROWS) == ["Workstations of site 117"]
    browser.click("#only")
    assert browser.value(COLUMNS) == ["Workstations of site 116", "Workstations of site 118"]
