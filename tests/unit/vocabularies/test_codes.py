"""What is known of codes: the file, and the numbers that people write."""

from __future__ import annotations

import pytest

from policyc.vocabularies import NAMES, load_vocabulary
from policyc.vocabularies.codes import as_code, by_rule, code_sources, shown_codes

INTUNE = {"MDM": 0x87D10000, "ConfigMgr": 0x87D00000}
"""The base of each source of HRESULTs."""


def test_every_code_is_whole_and_stands_once() -> None:
    for source in code_sources().values():
        assert source.where
        assert len({(code.code, code.note) for code in source.codes}) == len(source.codes)
        for code in source.codes:
            assert code.meaning, code
            assert code.action, code
            assert not code.meaning.endswith("."), code
            assert not code.action.endswith("."), code


def test_what_stands_in_words_is_what_the_number_says() -> None:
    for code in code_sources()["MDM"].codes:
        if "SyncML" in code.meaning:
            assert code.meaning.endswith(f"(SyncML {code.code - INTUNE['MDM']})")


@pytest.mark.parametrize("name", NAMES)
def test_the_events_of_a_script_are_the_exit_codes_that_its_launcher_knows(name: str) -> None:
    for state, package in load_vocabulary(name).packages.items():
        events = {code.code for code in shown_codes(package.event_source, state)}
        assert events - {20} == {code.code for code in package.exit_codes}


def test_numbers_as_people_write_them() -> None:
    for code in (code for source in code_sources().values() for code in source.codes):
        assert as_code(code.text) == as_code(str(code.code)) == code.code
        if code.code >= 2**31:
            assert as_code(str(code.code - 2**32)) == code.code
    for text in ("", "x", "0x", "4294967296", "-2147483649", "0x1ffffffff", "1.5", "0b1"):
        assert as_code(text) is None, text


def test_numbers_that_say_it_themselves() -> None:
    assert by_rule(0x87D101F6) == ("SyncML status 502", "Read the device's own log for the node and the reason")
    assert by_rule(0x80070005) is not None
    assert by_rule(0x80070005)[0] == "Windows error 5"  # type: ignore[index]
    assert by_rule(0x80004005) is None
    assert by_rule(404) is None
