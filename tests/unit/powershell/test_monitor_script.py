"""The text of monitor.ps1: what it is made of, and what it must not hold."""

from __future__ import annotations

import re

from policyc.powershell.monitor_script import monitor_script

TEXT = monitor_script().decode("ascii")


def block(name: str) -> str:
    """What is between the quotes of a here-string."""
    found = re.search(rf"^\${name} = @'\n(.*?)\n'@$", TEXT, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found.group(1)


def test_it_is_the_same_for_every_project_in_ascii_with_plain_line_ends() -> None:
    assert monitor_script() == monitor_script.__wrapped__()
    assert b"\r" not in monitor_script()
    assert b"\t" not in monitor_script()
    assert TEXT.startswith("<#\n.SYNOPSIS\n")
    assert TEXT.endswith("\nexit 0\n")


def test_it_only_reads_but_for_one_call() -> None:
    cmdlets = set(re.findall(r"\b([A-Z]\w+)-CM[A-Z]\w+", TEXT))
    assert cmdlets == {"Get", "Invoke"}
    assert set(re.findall(r"\bInvoke-CM\w+", TEXT)) == {"Invoke-CMDeploymentSummarization", "Invoke-CMWmiQuery"}
    asked = [line for line in TEXT.splitlines() if "Invoke-CMDeploymentSummarization -" in line]
    assert len(asked) == 1
    assert asked[0].strip().startswith("if ($Summarize)")


def test_the_page_names_nothing_outside_itself() -> None:
    for part in (block("PageStyle"), block("PageScript")):
        assert not re.search(r"https?:|//\w|@import|url\(|\bsrc\b|fetch|XMLHttp|import\(|innerHTML|eval\(", part)
    assert "default-src 'none'" in TEXT
    assert not re.search(r"\bstyle=|\bon\w+=\\?`?\"", TEXT), "the page's policy refuses what stands in attributes"


def test_nothing_ends_the_page_s_own_blocks_early() -> None:
    assert "</style" not in block("PageStyle")
    assert "</script" not in block("PageScript")
    assert "<!--" not in block("PageScript")


def test_each_state_has_its_words_in_one_place() -> None:
    """A state spelled in two ways would be two states in a pivot table."""
    for word in ("Requirements Not Met", "Non-Compliant", "In Progress"):
        assert TEXT.count(f"'{word}'") == 1
