"""The words of Windows Defender ATP, against what its documents say."""

from __future__ import annotations

import pytest

from policyc.kinds.registry.places import KeyPlace, parse_key
from policyc.model import Kind
from policyc.vocabularies import NAMES, load_vocabulary

# Codes that a ConfigMgr client takes for success, a restart, or "try again": none may come from a program of ours.
SUCCESS_AND_RESTART = {0, 1604, 1641, 3010, 3011, 1707}
RETRY = {4, 5, 8, 13, 14, 39, 51, 53, 54, 55, 59, 64, 65, 67, 70, 71, 85, 86, 87, 112, 128, 170, 267, 999, 1003, 1203}
RETRY |= {1219, 1220, 1222, 1231, 1232, 1238, 1265, 1311, 1323, 1326, 1330, 1618, 1622, 2250}

VOCABULARY = load_vocabulary("defender_atp")


def test_every_vocabulary_loads_once():
    assert all(load_vocabulary(name) is load_vocabulary(name) for name in NAMES)
    assert [load_vocabulary(name).name for name in NAMES] == list(NAMES)


@pytest.mark.parametrize("state", ["onboarded", "offboarded"])
def test_program_codes_are_plain_failures(state):
    package = VOCABULARY.packages[state]
    codes = [code.program_code for code in package.exit_codes] + [package.other_exit_code]
    assert len(set(codes)) == len(codes)
    assert not (SUCCESS_AND_RESTART | RETRY).intersection(codes)


@pytest.mark.parametrize(
    ("state", "codes"), [("onboarded", [5, 10, 15, 30, 35, 40, 65, 70]), ("offboarded", [5, 10, 15, 65, 70])]
)
def test_vendor_codes(state, codes):
    exit_codes = VOCABULARY.packages[state].exit_codes
    assert [code.code for code in exit_codes] == codes
    assert [code.program_code for code in exit_codes] == [200 + code for code in codes]
    assert all(code.meaning and not code.meaning.endswith(".") for code in exit_codes)


@pytest.mark.parametrize("word", VOCABULARY.words, ids=lambda word: word.name)
def test_words_are_canonical_and_typed(word):
    place = parse_key(word.key, None)
    assert isinstance(place, KeyPlace)
    assert f"{place.hive}\\{place.key}" == word.key
    held = {Kind.DWORD: int, Kind.STRING: str}[word.kind]
    for meaning in word.meanings.values():
        assert type(meaning.data) is held
        assert meaning.default is None or type(meaning.default) is held
        assert meaning.title
    assert word.meanings or (word.title and word.longest)


def test_ids():
    assert VOCABULARY.setting_ids == {
        "defender-atp-onboarding",
        "defender-atp-sample-collection",
        "defender-atp-reporting-frequency",
        "defender-atp-device-tag",
    }
