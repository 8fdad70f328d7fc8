"""What is known of Windows' own values: the file, and asking it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policyc import vocabularies
from policyc.kinds.registry.places import KeyPlace, parse_key
from policyc.model import Hive, Kind
from policyc.vocabularies import known_value, value_at_end

TEXT = (Path(vocabularies.__file__).parent / "windows_values.txt").read_text(encoding="ascii")
SOURCES = set(re.findall(r"^#   ([A-Z]+) ", TEXT, re.MULTILINE))
LINE = re.compile(r"(\S.*) = (string number|string|expand_string|multi_string|dword|qword|binary); ([A-Z]+(?: [A-Z]+)*)")
SAVER = r"Software\Policies\Microsoft\Windows\Control Panel\Desktop"
LSA = r"SYSTEM\CurrentControlSet\Control\Lsa"
WINLOGON = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"


def known(hive, key, name):
    found = known_value(Hive(hive), key, name)
    return None if found is None else (found.name, found.kind.value, found.is_number)


def facts():
    """(key, name, kind, sources) of each line of the file, in its order."""
    key = ""
    for line in TEXT.splitlines():
        if line.startswith("["):
            key = line[1:-1]
        elif line and not line.startswith("#"):
            match = LINE.fullmatch(line)
            assert match is not None, line
            yield key, *match.groups()


FACTS = list(facts())


def test_every_line_is_a_fact_with_a_source():
    assert len(FACTS) > 300
    assert all(set(sources.split()) <= SOURCES for *_, sources in FACTS)
    assert {source for *_, sources in FACTS for source in sources.split()} == SOURCES


def test_no_fact_stands_twice():
    places = [(key.upper(), name.upper()) for key, name, *_ in FACTS]
    assert len(set(places)) == len(places)
    keys = re.findall(r"^\[(.*)\]$", TEXT, re.MULTILINE)
    assert len({key.upper() for key in keys}) == len(keys)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact[0]} {fact[1]}")
def test_every_fact_is_found_where_a_policy_would_write_it(fact):
    key, name, kind, _ = fact
    key = key.replace("\\**", r"\Some\Thing").replace("\\*", r"\Some")
    for written in [key] if key.startswith("HK") else [f"HKLM\\{key}", f"HKCU\\{key}"]:
        place = parse_key(written, None)
        assert isinstance(place, KeyPlace)
        assert place.doubt is None
        assert f"{place.hive}\\{place.key}" == written, "the file has keys in their canonical spelling"
        found = known_value(place.hive, place.key.swapcase(), "Some" if name == "*" else name.swapcase())
        assert found is not None
        assert (found.name, found.kind.value) == ("Some" if name == "*" else name, kind.split()[0])
        assert found.is_number == kind.endswith("number")
        assert found.sources


@pytest.mark.parametrize(
    ("hive", "key", "name", "expected"),
    [
        ("HKCU", r"Control Panel\Desktop", "screensavetimeout", ("ScreenSaveTimeOut", "string", True)),
        ("HKLM", r"Control Panel\Desktop", "ScreenSaveTimeOut", None),
        ("HKCU", SAVER, "ScreenSaveTimeOut", ("ScreenSaveTimeOut", "string", True)),
        ("HKLM", WINLOGON, "CachedLogonsCount", ("CachedLogonsCount", "string", True)),
        ("HKCU", WINLOGON, "CachedLogonsCount", None),
        ("HKLM", WINLOGON, "PasswordExpiryWarning", ("PasswordExpiryWarning", "dword", False)),
        ("HKLM", WINLOGON + r"\Sub", "CachedLogonsCount", None),
        ("HKLM", r"SYSTEM\CurrentControlSet\Services\Any", "Start", ("Start", "dword", False)),
        ("HKLM", r"SYSTEM\CurrentControlSet\Services\Any\Sub", "Start", None),
        ("HKLM", r"SYSTEM\CurrentControlSet\Services", "Start", None),
        ("HKLM", r"SOFTWARE\Policies\Microsoft\Internet Explorer\Main\FeatureControl", "x.exe", ("x.exe", "string", True)),
        ("HKCU", r"Software\Policies\Microsoft\Internet Explorer\Main\FeatureControl\A\B", "*", ("*", "string", True)),
        ("HKLM", r"SOFTWARE\Policies\Microsoft\Internet Explorer\Main\FeatureControls", "x.exe", None),
    ],
)  # fmt: skip
def test_asking(hive, key, name, expected):
    assert known(hive, key, name) == expected


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (LSA + r"\RunAsPPL", "RunAsPPL"),
        (LSA.lower() + r"\lmcompatibilitylevel", "LmCompatibilityLevel"),
        (r"SYSTEM\CurrentControlSet\Services\Any\start", "Start"),
        (LSA, None),
        (LSA + r"\FipsAlgorithmPolicy", None),
        (LSA + r"\FipsAlgorithmPolicy\Enabled", "Enabled"),
        (r"SYSTEM\CurrentControlSet\Services\Start", None),
        (r"SOFTWARE\Policies\Microsoft\Internet Explorer\Main\FeatureControl\FEATURE_X", None),
        (r"SOFTWARE", None),
    ],
)
def test_a_value_at_the_end_of_a_key(key, name):
    found = value_at_end(Hive.MACHINE, key)
    assert (None if found is None else found.name) == name


def test_a_kind_is_one_of_the_language():
    assert known_value(Hive.MACHINE, LSA, "FullPrivilegeAuditing").kind is Kind.BINARY
