"""deploy.ps1 as text. What it does is shown in tests/endpoint."""

from __future__ import annotations

import re

from policyc.powershell.site_scripts import deploy_script


def test_the_script_is_constant_ascii_with_plain_line_ends():
    script = deploy_script()
    assert script.isascii()
    assert not {byte for byte in script if byte < 0x20} - {0x0A}
    assert script == deploy_script()


def test_nothing_of_the_template_language_is_left():
    assert not re.search(rb"{%|%}|{#", deploy_script())


def test_lines_end_without_blanks():
    assert [line for line in deploy_script().decode("ascii").split("\n") if line != line.rstrip()] == []
