"""Any template and any options: registry settings that the language takes, or a finding."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admx_templates import KEY, adml, admx, elements, policy
from policyc.definitions import State, Unfolding, unfolding
from policyc.definitions.folders import Files
from policyc.definitions.loading import load
from policyc.driver.check import check

NAMES = st.sampled_from(["", "a", "A", "b", "Name With Spaces", "*", "ü", "&lt;", "x" * 300])
NUMBERS = st.sampled_from(["", "0", "1", "-1", "4294967295", "4294967296", "18446744073709551616", "x"])
FLAGS = st.sampled_from(["", "true", "false", "1", "yes"])
VALUES = st.one_of(
    st.builds('<decimal value="{}"/>'.format, NUMBERS),
    st.builds('<longDecimal value="{}"/>'.format, NUMBERS),
    st.builds("<string>{}</string>".format, NAMES),
    st.sampled_from(["<delete/>", "", "<other/>"]),
)
ITEMS = st.builds('<item key="{}" valueName="{}" displayName="{}"><value>{}</value></item>'.format, NAMES, NAMES, NAMES, VALUES)
LISTS = st.lists(ITEMS, max_size=3).map("".join)


def element() -> st.SearchStrategy[str]:
    """An element of any kind, right or wrong."""
    common = 'id="{}" valueName="{}" required="{}"'
    return st.one_of(
        st.builds(
            f'<decimal {common} minValue="{{}}" maxValue="{{}}" storeAsText="{{}}"/>'.format,
            NAMES, NAMES, FLAGS, NUMBERS, NUMBERS, FLAGS,
        ),
        st.builds(f'<longDecimal {common} maxValue="{{}}"/>'.format, NAMES, NAMES, FLAGS, NUMBERS),
        st.builds(f'<text {common} maxLength="{{}}" expandable="{{}}"/>'.format, NAMES, NAMES, FLAGS, NUMBERS, FLAGS),
        st.builds(f'<multiText {common}/>'.format, NAMES, NAMES, FLAGS),
        st.builds(
            f"<boolean {common}><trueValue>{{}}</trueValue><trueList>{{}}</trueList>"
            "<falseList>{}</falseList></boolean>".format,
            NAMES, NAMES, FLAGS, VALUES, LISTS, LISTS,
        ),
        st.builds(f"<enum {common}>{{}}</enum>".format, NAMES, NAMES, FLAGS, LISTS),
        st.builds(
            '<list id="{}" key="{}" valuePrefix="{}" explicitValue="{}" additive="{}" expandable="{}"/>'.format,
            NAMES, NAMES, NAMES, FLAGS, FLAGS, FLAGS,
        ),
    )  # fmt: skip


TEXTS = st.sampled_from(["", "a", "A", "1", "x" * 2000, "%a%", "ü\t", "a\nb"])
OPTION = st.one_of(
    st.booleans(),
    st.integers(0, 2**64 - 1),
    TEXTS,
    st.lists(TEXTS, max_size=3),
    st.dictionaries(TEXTS, TEXTS, max_size=3),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, dict[str, Any], str]:
    """A template, options of its policy, and a state."""
    inner = elements(*draw(st.lists(element(), max_size=3)))
    scope = draw(st.sampled_from(["Machine", "User", "Both", "machine", ""]))
    text = policy(
        f"<enabledValue>{draw(VALUES)}</enabledValue><disabledList>{draw(LISTS)}</disabledList>{inner}",
        scope=scope,
        key=draw(st.sampled_from([KEY, "", "HKLM\\x", "a\\\\b"])),
    )
    options = draw(st.dictionaries(st.sampled_from(["a", "b", "*", "Name With Spaces", "&lt;"]), OPTION, max_size=3))
    return text, options, draw(st.sampled_from(["enabled", "disabled", "not_configured"]))


@given(cases())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_template_is_values_or_a_misfit(case: tuple[str, dict[str, Any], str]) -> None:
    text, options, state = case
    made = load(Files("example", "example.admx", ""), admx(text).encode(), None)
    assert len(made.policies) + len(made.broken) == 1
    for one in made.policies:
        said = options if state == "enabled" else {}
        unfolded = unfolding(one, State(state), said)
        if isinstance(unfolded, Unfolding):
            places = [(part.key.lower(), part.name.lower()) for part in unfolded.parts]
            assert len(set(places)) == len(places)
            assert all((part.type is None) == (part.data is None) for part in unfolded.parts)
        else:
            assert unfolded
            assert all(misfit.message and misfit.help for misfit in unfolded)


@given(case=cases())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None)
def test_any_policy_file_compiles_or_is_told_why(case: tuple[str, dict[str, Any], str], tmp_path: Path) -> None:

    text, options, state = case
    said = {"policy": "example/One", "state": state, **({"options": options} if options else {})}
    files = {
        "project.yaml": "project: {name: E, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\ndefinitions: [t]\n",
        "pilot.yaml": "collection: {name: P}\nsettings: " + json.dumps({"one": {"group_policy": said}}),
        "t/example.admx": admx(text),
        "t/en-US/example.adml": adml(),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    checked = check(tmp_path, date(2026, 1, 31), open_shelf=None)
    errors = [one for one in checked.diagnostics if one.is_error]
    settings_made = checked.collections[0].settings if checked.collections else ()
    nothing = any(one.code == "PC1915" for one in checked.diagnostics)
    assert errors or nothing or settings_made
    assert all(one.whole == "one" for one in settings_made)


@pytest.mark.parametrize("size", [0, 1, 3, 7])
def test_any_bytes_are_a_template_or_a_fault(size: int) -> None:
    whole = admx(policy()).encode()
    for cut in range(0, len(whole), 11):
        for data in (whole[:cut], whole[:cut] + b"\xff" * size + whole[cut:], whole[:cut] + whole[cut + size :]):
            made = load(Files("example", "example.admx", "example.adml"), data, data)
            assert made.policies or made.broken or made.faults or b"<policies" not in data
