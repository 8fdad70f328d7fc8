"""Places that Windows can't have, those that nobody means, and the place that was meant."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.kinds.registry.places import Complaint, KeyPlace, parse_key
from policyc.model import Hive, upper

ALWAYS = {"SOFTWARE", "SYSTEM", "SAM", "SECURITY", "HARDWARE", "BCD00000000"}
AT_TIMES = {"COMPONENTS", "SCHEMA", "DRIVERS", "ELAM"}
WRITE = re.compile(r"^write '(HK[^']*)'|(?<= or )'(HK[^']*)'")


def complaint(text):
    """(the complaint or doubt, whether it is an error)"""
    place = parse_key(text, None)
    return (place, True) if isinstance(place, Complaint) else (place.doubt, False)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"HKLM\CurrentControlSet\Services\Spooler", r"HKLM\SYSTEM\CurrentControlSet\Services\Spooler"),
        (r"HKLM\ControlSet002\Services\Spooler", r"HKLM\SYSTEM\CurrentControlSet\Services\Spooler"),
        (r"HKLM\Services\Spooler", r"HKLM\SYSTEM\CurrentControlSet\Services\Spooler"),
        (r"HKLM\Control\Lsa", r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa"),
        (r"HKLM\policies\Contoso", r"HKLM\SOFTWARE\policies\Contoso"),
        (r"HKLM\Policies", r"HKLM\SOFTWARE\Policies"),
        (r"HKLM\Microsoft\Windows\CurrentVersion\Run", r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run"),
        (r"HKLM\Wow6432Node\Contoso", r"HKLM\SOFTWARE\Wow6432Node\Contoso"),
        (r"HKLM\Windows Defender\Features", r"HKLM\SOFTWARE\Microsoft\Windows Defender\Features"),
        (r"HKLM\Contoso\Agent", r"HKLM\SOFTWARE\Contoso\Agent"),
        (r"HKLM\SOFTWRAE\Contoso", r"HKLM\SOFTWARE\Contoso"),
        (r"HKLM\Sofware\Contoso", r"HKLM\SOFTWARE\Contoso"),
        (r"HKLM\SYTEM\CurrentControlSet\Control", r"HKLM\SYSTEM\CurrentControlSet\Control"),
        (r"HKLM\SOFTWARE \Contoso", r"HKLM\SOFTWARE\Contoso"),
        (r"HKLM\HKLM\SYSTEM\Setup", r"HKLM\SYSTEM\Setup"),
        (r"HKLM\HKEY_LOCAL_MACHINE\HKLM:\Policies\Contoso", r"HKLM\SOFTWARE\Policies\Contoso"),
        (r"HKLM\Registry::HKEY_LOCAL_MACHINE\SAM\SAM", r"HKLM\SAM\SAM"),
        (r"HKLM\Computer\HKEY_LOCAL_MACHINE\SOFTWARE\Contoso", r"HKLM\SOFTWARE\Contoso"),
        (r"HKLM\MACHINE\Software\Contoso", r"HKLM\Software\Contoso"),
        (r"HKLM\HKCU\Software\Contoso", r"HKCU\Software\Contoso"),
        (r"HKLM\HKCR\.txt", r"HKLM\SOFTWARE\Classes\.txt"),
        (r"HKLM\S-1-5-21-1-2-3-500\Software\Contoso", r"HKCU\Software\Contoso"),
        (r"HKCU\HKCU\Software\Contoso", r"HKCU\Software\Contoso"),
        (r"HKCU\HKEY_USERS\S-1-5-21-1-2-3-500\Software\Contoso", r"HKCU\Software\Contoso"),
        (r"HKCU\S-1-5-21-1-2-3-500_Classes\.txt", r"HKCU\Software\Classes\.txt"),
        (r"HKCU\HKLM\Policies\Contoso", r"HKLM\SOFTWARE\Policies\Contoso"),
    ],
)
def test_what_windows_can_t_have(text, meant):
    found, is_error = complaint(text)
    assert is_error
    assert (found.code, found.help) == ("PC0339", f"write '{meant}'")
    assert text in found.message
    assert complaint(meant) == (None, False)


@pytest.mark.parametrize("text", [r"HKLM\policyc\journal", r"HKLM\HKLM", r"HKCU\HKCU", r"HKLM\Computer"])
def test_where_nothing_can_be_meant_no_place_is_named(text):
    found, is_error = complaint(text)
    assert is_error
    assert found.code == "PC0339"
    assert "HKLM\\SOFTWARE\\policyc" not in found.help


@pytest.mark.parametrize(
    "text", [r"HKLM\SOFTWARE\…", r"HKLM\…\Contoso", r"HKLM\SOFTWARE\...\Contoso", r"HKCU\..\Contoso", r"HKCU\Software\.…\X"]
)
def test_an_ellipsis_is_no_key(text):
    found, is_error = complaint(text)
    assert is_error
    assert found.code == "PC0340"


@pytest.mark.parametrize("part", [".NETFramework", "v4.0.30319", "a…b", ".", "Contoso..."])
def test_dots_in_a_name_are_none(part):
    assert complaint(rf"HKLM\SOFTWARE\{part}\X") == (None, False)


@pytest.mark.parametrize("part", [*sorted(AT_TIMES), "drivers", "BCD00000001"])
def test_what_is_there_at_times(part):
    found, is_error = complaint(rf"HKLM\{part}\X")
    assert not is_error
    assert found.code == "PC0341"


@pytest.mark.parametrize("part", [*sorted(ALWAYS), "Bcd00000000", "hardware"])
def test_what_is_always_there(part):
    assert complaint(rf"HKLM\{part}\X") == (None, False)
    assert complaint(rf"HKLM\{part}2x\X")[1]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"HKCU\Policies\Contoso", r"HKCU\Software\Policies\Contoso"),
        (r"HKCU\Microsoft\Windows", r"HKCU\Software\Microsoft\Windows"),
        (r"HKCU\Sofware\Contoso", r"HKCU\Software\Contoso"),
        (r"HKCU\CurrentControlSet\Services\X", r"HKLM\SYSTEM\CurrentControlSet\Services\X"),
    ],
)
def test_what_windows_keeps_elsewhere_is_doubted(text, meant):
    found, is_error = complaint(text)
    assert not is_error
    assert (found.code, found.help) == ("PC0342", f"write '{meant}'")
    assert complaint(meant) == (None, False)


@pytest.mark.parametrize(
    "part", ["Software", "SYSTEM", "Control Panel", "Environment", "Network", "Contoso", "EUDC", "Machine"]
)
def test_in_a_user_s_hive_any_key_may_be(part):
    assert complaint(rf"HKCU\{part}\X") == (None, False)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("HKLM\\SOFTWARE\\Contoso \\Agent", r"HKLM\SOFTWARE\Contoso\Agent"),
        ("HKLM\\SOFTWARE\\\u00a0Contoso", r"HKLM\SOFTWARE\Contoso"),
        ("HKCU\\Software\\Contoso\t", r"HKCU\Software\Contoso"),
    ],
)
def test_a_blank_at_an_edge_is_doubted(text, meant):
    found, is_error = complaint(text)
    assert not is_error
    assert (found.code, found.help) == ("PC0343", f"write '{meant}'")


HIVES = st.sampled_from(["HKLM", "HKCU", "HKEY_LOCAL_MACHINE", "hkcu:", "HKU", "HKCR", "HKCC", "", "Computer\\HKLM", "x"])
PARTS = st.sampled_from(
    [
        *(
            "HKLM",
            "HKCU:",
            "HKCR",
            "HKU",
            "S-1-5-21-1-2-3-4",
            "S-1-5-21-1-2-3-4_Classes",
            "Registry::HKCU",
            "Machine",
            "Registry",
        ),
        *("SOFTWARE", "SOFWARE", "Software ", "SYSTEM", "CurrentControlSet", "ControlSet001", "ControlSet007", "COMPONENTS"),
        *("Policies", "Windows NT", "Microsoft", "Services", "policyc", "…", "...", "", " ", " a", "HARDWARE", "BCD00000001"),
    ]
)
KEYS = st.builds("\\".join, st.tuples(HIVES, st.lists(PARTS | st.text(max_size=6), max_size=5).map("\\".join)))


@given(KEYS | KEYS.map(lambda key: key.replace("\\", "/")))
def test_what_is_accepted_is_under_a_hive_that_windows_loads(text):
    place = parse_key(text, None)
    if isinstance(place, KeyPlace):
        first = upper(place.key.split("\\")[0])
        assert place.hive is Hive.USER or first in ALWAYS or place.doubt is not None
        assert place.hive is Hive.USER or first in ALWAYS | AT_TIMES or re.fullmatch("BCD[0-9]{8}", first)


@given(KEYS | KEYS.map(lambda key: key.replace("\\", "/")))
def test_the_place_in_the_help_is_accepted(text):
    found, _ = complaint(text)
    # A quotation mark of the key's own would end the place in the sentence.
    for named in WRITE.findall("" if found is None or "…" in found.help or "'" in text else found.help):
        assert complaint("".join(named)) == (None, False), found


@given(st.text(max_size=40))
def test_any_text_is_a_place_or_a_complaint(text):
    found, is_error = complaint(text)
    assert not is_error or (found.message and found.help)
