"""Any diagnostics at all: text of every character, places with and without regions, codes with and without a page."""

from __future__ import annotations

from hypothesis import strategies as st

from policyc.diagnostics import Diagnostic, Level, Located, Region, Related
from policyc.model import Location

TEXT = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["\x00\x1b[31m", "]]>", "<!--", "&amp;", "{0} {1}", "[here](https://example.com)", "\ud800", "\udcff", "\ufffe", "a\r\nb\t"]
)
FILES = st.sampled_from(["", "pilot.yaml", "rings/a b.yaml", "a:b.yaml", "\u65e5\u672c.yaml", "%41.yaml"]) | TEXT
CODES = st.sampled_from(["PC0101", "PC0401", "PC0612"]) | TEXT
NUMBERS = st.integers(1, 5000)
STEPS = st.lists(TEXT | st.integers(0, 9), max_size=3).map(tuple)
LOCATIONS = st.builds(Location, FILES, STEPS, st.booleans()) | st.builds(Location, FILES, line=NUMBERS, column=NUMBERS)
REGIONS = st.none() | st.builds(Region, NUMBERS, NUMBERS, NUMBERS, TEXT)
RELATED = st.lists(st.builds(Related, LOCATIONS, TEXT), max_size=3).map(tuple)
DIAGNOSTICS = st.builds(Diagnostic, CODES, st.sampled_from(list(Level)), TEXT, LOCATIONS, TEXT, RELATED)
LOCATED = st.lists(st.builds(Located, DIAGNOSTICS, REGIONS, st.lists(REGIONS, max_size=3).map(tuple)), max_size=5).map(tuple)
FOLDERS = st.sampled_from(["policies", ".", "", "../policies", "/p", "C:/p", "//server/share/p", "./policies"]) | TEXT
