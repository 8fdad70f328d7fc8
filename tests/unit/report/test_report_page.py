"""The report's page in a real browser: what is found, by mouse and by keyboard, in light and in dark."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyc.report import Report, page
from unit.matrix.browser import Browser
from unit.matrix.conftest import browser, browser_of_worker
from unit.report.test_report import report

__all__ = ["browser", "browser_of_worker", "report"]
ROWS = """[...document.querySelectorAll('#settings tbody tr')]
  .filter(one => one.offsetHeight > 0).map(one => one.cells[0].innerText)"""
COUNT = "document.getElementById('count').textContent"
FOCUS = "document.activeElement.id"


@pytest.fixture
def shown(report: Report, browser: Browser, tmp_path: Path) -> Browser:
    file = tmp_path / "report.html"
    file.write_bytes(page.render(report))
    browser.open(file)
    return browser


def test_a_word_finds_rows_of_all_tables(shown: Browser) -> None:
    assert len(shown.value(ROWS)) == 6
    assert shown.value(COUNT) == ""
    shown.value("void document.dispatchEvent(new KeyboardEvent('keydown', {key: '/'}))")
    assert shown.value(FOCUS) == "filter"
    shown.value("""(() => { const filter = document.getElementById("filter");
      filter.value = "smb laptops"; filter.dispatchEvent(new Event("input")); })()""")
    assert shown.value(ROWS) == ["smb"]
    assert shown.value(COUNT).endswith(" rows")
    shown.press("Escape")
    assert len(shown.value(ROWS)) == 6


def test_each_section_can_be_gone_to(shown: Browser) -> None:
    links = shown.value("[...document.querySelectorAll('nav a, #kept a')].map(one => one.getAttribute('href'))")
    assert len(links) == 7
    assert [one for one in links if not shown.value(f"!!document.getElementById('{one[1:]}')")] == []


def test_nothing_is_wider_than_the_page(shown: Browser) -> None:
    assert shown.value("document.documentElement.scrollWidth <= window.innerWidth")
