"""Ids of imported settings: unique, and none passes from one setting to another when a list changes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.importers import Found
from policyc.importers.earlier import known
from policyc.importers.identity import meaning, place_of
from policyc.importers.ids import LONGEST, in_ascii, short, with_ids, words
from policyc.importers.text import tree

KEY = r"HKLM\SOFTWARE\Example"
LONG = "Internet zone: what pages of the zone may do without asking the user first, number"


def found(title: str = "", key: str = KEY, name: str | None = "A", **words: Any) -> Found:
    where = {"key": key} if name is None else {"key": key, "name": name}
    return Found(title or f"{name} is set", {**where, "type": "dword", **(words or {"equals": 1})}, "line 1")


def ids(*settings: Found) -> list[str]:
    return [one.id for one in with_ids(settings)]


def test_what_tells_two_settings_apart_is_what_they_are_about() -> None:
    assert ids(found("Same", name="Minutes"), found("Same", name="ShowName")) == ["same-minutes", "same-show-name"]
    zones = [found(LONG, key=rf"{KEY}\Zones\{number}", name="1806") for number in (1, 3, 4)]
    start = "internet-zone-what-pages-of-the-zone-may-do-without"
    assert ids(*zones) == [f"{start}-{number}-1806" for number in (1, 3, 4)]
    assert ids(*zones[1:]) == ids(*zones)[1:]
    assert ids(found("Same", name=None, key=rf"{KEY}\One"), found("Same", name="")) == ["same-one", "same-default"]


def test_settings_of_one_place_are_told_apart_by_what_they_ask() -> None:
    assert ids(found("Minutes", at_least=1), found("Minutes", at_most=9)) == ["minutes-at-least", "minutes-at-most"]
    one, other = ids(found("Rules", matches="a"), found("Rules", matches="b"))
    assert (one[:6], other[:6]) == ("rules-", "rules-")
    assert ids(found("Rules", matches="a"), found("Rules", matches="c"))[0] == one


def test_a_value_that_is_changed_keeps_its_id_and_another_one_gets_none() -> None:
    rules = [found("Rules", matches=letter) for letter in "abc"]
    before = list(with_ids([found("Old title"), *rules]))
    trees = [{"settings": {one.id: tree(one) for one in before}}]
    after = list(with_ids([found("New title", equals=2), *rules[1:], found("Rules", matches="d")], known(trees)))
    assert [one.id for one in after[:3]] == ["old-title", before[2].id, before[3].id]
    # 'd' is no later form of 'a', as far as anybody can tell.
    assert after[3].id not in {one.id for one in before}


def test_the_id_of_a_setting_that_is_gone_goes_to_no_other() -> None:
    before = list(with_ids([found("Same", name="A")]))
    trees = [{"settings": {one.id: tree(one) for one in before}}]
    assert [one.id for one in with_ids([found("Same", name="B")], known(trees))] == ["same-b"]


def test_letters_are_brought_to_ascii() -> None:
    assert short("Größe des Änderungsprotokolls") == "grosse-des-anderungsprotokolls"
    assert short("Œuvre ﬁnale: Żółć, Ærø") == "oeuvre-finale-zolc-aero"
    assert short("ß" * 70) == short("ß" * 70)
    assert words("Größe3DAPIs") == "grosse-3d-apis"
    assert in_ascii("Пилот") == "пилот"
    assert words("Пилот") != words("Пилод")


def test_words_of_names() -> None:
    names = "Disable3DAPIs Allow3DPrint Enable3D 3DSettings Win32API IPv6DNS EnableMD5Hash SHA256Only"
    assert list(map(words, names.split())) == [
        "disable-3d-apis",
        "allow-3d-print",
        "enable-3d",
        "3d-settings",
        "win32-api",
        "ipv6-dns",
        "enable-md5-hash",
        "sha256-only",
    ]


def _mark(setting: Found) -> object:
    place = place_of(setting)
    assert place is not None
    return place.identity, meaning(setting)


SETTINGS = st.builds(
    lambda title, key, name, view, words: found(title, key, name, **words, **view),
    st.sampled_from(["Same", "Same A", LONG, LONG + " 2", "Größe", "Con"]),
    st.sampled_from([KEY, rf"{KEY}\1", rf"{KEY}\2", rf"{KEY}\x\1", r"HKCU\Software\Example", rf"{KEY}\{'long ' * 20}"]),
    st.sampled_from(["A", "a b", "1", "", None, "x" * 80, "default"]),
    st.sampled_from([{}, {"view": 32}]),
    st.sampled_from([{"equals": 1}, {"equals": 2}, {"at_least": 1}, {"at_most": 2}, {"absent": True}]),
).filter(lambda one: place_of(one) is not None)
LISTS = st.lists(SETTINGS, min_size=1, max_size=8, unique_by=_mark)


def _by_mark(settings: list[Found]) -> dict[object, str]:
    return {_mark(one): one.id for one in settings}


@given(LISTS, st.data())
def test_removing_an_entry_leaves_all_other_ids_as_they_were(settings: list[Found], data: st.DataObject) -> None:
    before = list(with_ids(settings))
    assert len({one.id for one in before}) == len(before)
    assert max(len(one.id) for one in before) <= 64
    gone = data.draw(st.sampled_from(range(len(settings))))
    rest = settings[:gone] + settings[gone + 1 :]
    again = list(with_ids(rest, known([{"settings": {one.id: tree(one) for one in before}}])))
    assert again == before[:gone] + before[gone + 1 :]


@given(LISTS, st.data())
def test_without_the_earlier_file_no_id_comes_to_another_setting(settings: list[Found], data: st.DataObject) -> None:
    """One that had to be told apart from a single other one may get its short name back; a name never changes hands."""
    owner = {id_: mark for mark, id_ in _by_mark(list(with_ids(settings))).items()}
    rest = data.draw(st.lists(st.sampled_from(settings), unique_by=_mark))
    for mark, id_ in _by_mark(list(with_ids(rest))).items():
        assert owner.get(id_, mark) == mark


@given(LISTS, st.randoms())
def test_the_order_of_the_entries_says_nothing(settings: list[Found], random: Any) -> None:
    other = list(settings)
    random.shuffle(other)
    assert _by_mark(list(with_ids(settings))) == _by_mark(list(with_ids(other)))


GUID = "D4F940AB-401B-4EFC-AADC-AD5F3C50688A"
HASH = "0CF5BD62B5602C02C6A4F19A1F4BE5A28D1A9E77"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (GUID, GUID.lower()),
        (f"{{{GUID}}}", GUID.lower()),
        (f"Rule{{{GUID}}}On", f"rule-{GUID.lower()}-on"),
        (HASH, HASH.lower()),
        (HASH + HASH[:24], (HASH + HASH[:24]).lower()),
        ("ABCDEFABCDEFABCDEF", "abcdefabcdefabcdef"),
    ],
)
def test_a_guid_or_a_hash_stays_in_one_piece(name: str, expected: str) -> None:
    assert words(name) == expected


def test_where_there_is_no_room_it_goes_as_a_whole() -> None:
    long = words(f"OfAllTheRulesThatThereAreThisOne {GUID} Enabled")
    assert len(long) <= LONGEST
    assert re.fullmatch("of-all-the-rules-that-there-are-this-one-[0-9a-f]{8}", long)
    assert short(f"Block what comes by mail, a rule of a product whose number is {GUID}") == (
        "block-what-comes-by-mail-a-rule-of-a-product-whose-number-is"
    )
