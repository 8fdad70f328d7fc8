"""Imports by the names of policies: where one says exactly what was found, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admx_templates import KEY, adml, admx, elements, library, policy
from policyc.definitions import Library, Named, State, Unfolding, unfolding
from policyc.importers.found import Found
from policyc.importers.policies import by_name

SWITCH = '<boolean id="B" valueName="B"/>'
ENUM = (
    '<enum id="E" valueName="E"><item displayName="First"><value><decimal value="1"/></value></item>'
    '<item displayName="Second"><value><decimal value="2"/></value><valueList>'
    '<item valueName="More"><value><string>x</string></value></item></valueList></item></enum>'
)
EVERY = elements(
    '<decimal id="N" valueName="N"/>',
    '<decimal id="T" valueName="T" storeAsText="true"/>',
    '<text id="S" valueName="S" expandable="true"/>',
    '<multiText id="M" valueName="M"/>',
    SWITCH,
    ENUM,
    f'<list id="L" key="{KEY}\\L" valuePrefix="P" additive="true"/>',
    f'<list id="X" key="{KEY}\\X" explicitValue="true" additive="true"/>',
)


def value(name: str, type: str | None, data: object = None, key: str = KEY, **others: Any) -> Found:
    where = {"key": f"HKLM\\{key}", "name": name}
    words = {**where, "absent": True} if type is None else {**where, "type": type, "equals": data}
    return Found(f"{name} is set", words, f"entry {name}", f"id-{name.lower()}", others=others)


def said(found: list[Found]) -> list[dict[str, Any]]:
    return [dict(one.words) for one in found if one.kind == "group_policy"]


def test_a_policy_that_says_the_same(tmp_path: Path) -> None:
    made = by_name([value("Other", "dword", 1), value("one", "dword", 1)], library(tmp_path, a_admx=admx(policy())))
    assert [one.kind for one in made] == ["registry", "group_policy"]
    assert said(made) == [{"policy": "a/One", "state": "enabled"}]
    assert (made[1].id, made[1].source, made[1].title) == ("id-one", "entry one", "")


@pytest.mark.parametrize(
    "found",
    [
        [value("One", "dword", 2)],
        [value("One", "string", "1")],
        [value("One", "dword", 1, key=KEY + "\\Below")],
        [value("One", "dword", 1).__class__("x", {**value("One", "dword", 1).words, "view": 32}, "")],
        [value("One", "dword", 1).__class__("x", {**value("One", "dword", 1).words, "default": 1}, "")],
    ],
)
def test_what_differs_stays_a_registry_setting(tmp_path: Path, found: list[Found]) -> None:
    assert by_name(found, library(tmp_path, a_admx=admx(policy()))) == found


def test_all_values_of_a_policy_have_to_be_there_and_be_alike(tmp_path: Path) -> None:
    known = library(tmp_path, a_admx=admx(policy(elements(SWITCH))))
    both = [value("One", "dword", 1), value("B", "dword", 1)]
    assert said(by_name(both, known)) == [{"policy": "a/One", "state": "enabled", "options": {"B": True}}]
    assert said(by_name(both[:1], known)) == []
    assert said(by_name([both[0], value("B", "dword", 1, severity="critical")], known)) == []
    assert said(by_name([value("One", None), value("B", None)], known)) == [{"policy": "a/One", "state": "disabled"}]


def test_of_two_policies_that_say_the_same_none_is_chosen(tmp_path: Path) -> None:
    found = [value("One", "dword", 1)]
    assert by_name(found, library(tmp_path, a_admx=admx(policy(), policy(name="Two")))) == found


def test_the_policy_that_says_most_is_chosen(tmp_path: Path) -> None:
    known = library(tmp_path, a_admx=admx(policy(), policy(elements(SWITCH), name="Two")))
    made = by_name([value("One", "dword", 1), value("B", "dword", 1)], known)
    assert said(made) == [{"policy": "a/Two", "state": "enabled", "options": {"B": True}}]
    assert len(made) == 1


@pytest.mark.parametrize(
    ("attributes", "held", "options"),
    [
        ("", {"a": "a", "b": "b"}, ["a", "b"]),
        ('valuePrefix=""', ["a", "b"], ["a", "b"]),
        ('valuePrefix="P"', {"P1": "a"}, ["a"]),
        ('explicitValue="true"', {"n": "a"}, {"n": "a"}),
        ("", {"a": {"type": "string", "data": "a"}}, ["a"]),
    ],
)
def test_a_key_that_holds_a_list_and_no_others(tmp_path: Path, attributes: str, held: object, options: object) -> None:
    known = library(tmp_path, a_admx=admx(policy(elements(f'<list id="L" key="{KEY}\\L" {attributes}/>'))))
    whole = Found("L", {"key": f"HKLM\\{KEY}\\L", "type": "string", "only_values": held}, "")
    main = value("One", "dword", 1)
    assert said(by_name([main, whole], known)) == [{"policy": "a/One", "state": "enabled", "options": {"L": options}}]
    # Values that leave others beside them are something else than the policy.
    assert said(by_name([main, value("a", "string", "a", f"{KEY}\\L")], known)) == []
    empty = Found("L", {"key": f"HKLM\\{KEY}\\L", "only_values": []}, "")
    assert said(by_name([value("One", None), empty], known)) == [{"policy": "a/One", "state": "disabled"}]


def test_labels_are_written_where_they_name_one_option(tmp_path: Path) -> None:
    texts = adml("", '<presentation id="p"><checkBox refId="B">Be it so:</checkBox></presentation>')
    known = library(tmp_path, a_admx=admx(policy(elements(SWITCH), scope="Both")), en_US__a_adml=texts)
    (made,) = said(by_name([value("One", "dword", 1), value("B", None)], known))
    assert made == {"policy": "a/One", "state": "enabled", "scope": "machine", "options": {"Be it so": False}}


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    text = st.text("ab%", min_size=1, max_size=3)
    return {
        "N": draw(st.integers(0, 9999)),
        "T": draw(st.integers(0, 9999)),
        "S": draw(text),
        "M": draw(st.lists(text, min_size=1, max_size=2)),
        "B": draw(st.booleans()),
        "E": draw(st.sampled_from(["First", "Second"])),
        "L": draw(st.lists(text, min_size=1, max_size=3)),
        "X": draw(
            st.dictionaries(text, text, min_size=1, max_size=3).filter(lambda one: len({n.lower() for n in one}) == len(one))
        ),
    }


@given(chosen=options(), scope=st.sampled_from(["HKLM", "HKCU"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_policy_unfolds_to_is_that_policy_again(chosen: dict[str, Any], scope: str, tmp_path: Path) -> None:
    known = _known(tmp_path)
    named = known.find("a/One")
    assert isinstance(named, Named)
    unfolded = unfolding(named.policy, State.ENABLED, chosen)
    assert isinstance(unfolded, Unfolding)
    found = []
    for part in unfolded.parts:
        data = list(part.data) if isinstance(part.data, tuple) else part.data
        one = value(part.name, part.type, data, part.key)
        found.append(Found("x", {**one.words, "key": f"{scope}\\{part.key}"}, ""))
    words = {"policy": "a/One", "state": "enabled", "scope": {"HKLM": "machine", "HKCU": "user"}[scope], "options": chosen}
    assert said(by_name(found, known)) == [words]


def _known(folder: Path) -> Library:
    return library(folder, a_admx=admx(policy(EVERY, scope="Both")))
