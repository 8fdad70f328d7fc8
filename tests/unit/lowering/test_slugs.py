"""The folder of a collection."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.lowering.slugs import is_device, slug


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Pilot workstations", "pilot-workstations"),
        ("Pilot.", "pilot"),
        (" --Pilot__1--", "pilot-1"),
        ("../../etc", "etc"),
        ("Büro: Köln", "buro-koln"),
        ("Ringe Ⅳ", "ringe-iv"),
        ("a" * 60, "a" * 60),
    ],
)
def test_slug(name, expected):
    assert slug(name) == expected


@pytest.mark.parametrize("name", ["Пилот", "Straße", "a" * 61, "ring 日本", "...", "x" * 50 + " - " + "y" * 50])
def test_a_hash_stands_for_what_was_lost(name):
    assert re.search(r"(?:^|-)[0-9a-f]{8}$", slug(name))


@given(st.text(min_size=1, max_size=100))
def test_a_slug_is_a_folder_everywhere(name):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(name))
    assert len(slug(name)) <= 60
    assert slug(slug(name)) == slug(name)


@pytest.mark.parametrize("name", ["CON", "prn", "Aux.", "NUL", "COM0", "com9", "LPT1", "COM¹", "lpt²"])
def test_devices(name):
    assert is_device(slug(name))


@pytest.mark.parametrize("name", ["CON 1", "COM10", "console", "lpt"])
def test_no_devices(name):
    assert not is_device(slug(name))
