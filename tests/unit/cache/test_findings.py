"""Findings survive being remembered."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from policyc.cache.findings import from_plain, to_plain
from policyc.diagnostics import Diagnostic, Level, Related
from policyc.diagnostics.cures import Act, Edit
from policyc.model import Location

TEXT = st.text(max_size=10)
NUMBER = st.none() | st.integers(1, 10**6)
LOCATION = st.builds(Location, TEXT, st.lists(TEXT | st.integers(0, 99), max_size=3).map(tuple), st.booleans(), NUMBER, NUMBER)
RELATED = st.lists(st.builds(Related, LOCATION, TEXT), max_size=2).map(tuple)
WAY = st.lists(TEXT | st.integers(0, 99), max_size=3).map(tuple)
CURES = st.lists(st.lists(st.builds(Edit, st.sampled_from(Act), LOCATION, TEXT, WAY), max_size=2).map(tuple), max_size=2)
FINDING = st.builds(Diagnostic, TEXT, st.sampled_from(Level), TEXT, LOCATION, TEXT, RELATED, st.none() | TEXT, CURES.map(tuple))


@given(FINDING)
def test_a_finding_comes_back(found: Diagnostic) -> None:
    assert from_plain(json.loads(json.dumps(to_plain(found)))) == found
