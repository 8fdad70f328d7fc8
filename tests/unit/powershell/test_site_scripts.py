"""deploy.ps1 and deploy-intune.ps1 as text. What they do is shown in tests/endpoint."""

from __future__ import annotations

import re

import pytest

from policyc.powershell.site_scripts import deploy_intune_script, deploy_script

BOTH = pytest.mark.parametrize("made", [deploy_script, deploy_intune_script])


@BOTH
def test_the_script_is_constant_ascii_with_plain_line_ends(made):
    script = made()
    assert script.isascii()
    assert not {byte for byte in script if byte < 0x20} - {0x0A}
    assert script == made()


@BOTH
def test_nothing_of_the_template_language_is_left(made):
    assert not re.search(rb"{%|%}|{#", made())


@BOTH
def test_lines_end_without_blanks(made):
    assert [line for line in made().decode("ascii").split("\n") if line != line.rstrip()] == []


def test_every_function_of_the_script_for_a_tenant_is_called():
    script = deploy_intune_script().decode("ascii")
    functions = re.findall(r"(?m)^function ([\w-]+)", script)
    assert len(functions) > 30
    assert [name for name in functions if len(re.findall(rf"(?<![\w-]){name}(?![\w-])", script)) < 2] == []
