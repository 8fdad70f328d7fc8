"""Spellings of a key, and the place that they mean."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.kinds.registry.places import Complaint, parse_key
from policyc.model import Hive, Place, upper
from policyc.model.wow64 import is_split


def read(text, view=None):
    place = parse_key(text, view)
    assert not isinstance(place, Complaint), place
    return f"{place.hive} {place.view:d} {place.key}"


@pytest.mark.parametrize(
    ("text", "view", "expected"),
    [
        (r"HKLM\SOFTWARE\Example", None, r"HKLM 64 SOFTWARE\Example"),
        (r"hklm\SOFTWARE\Example", None, r"HKLM 64 SOFTWARE\Example"),
        (r"HKLM:\SOFTWARE\Example", None, r"HKLM 64 SOFTWARE\Example"),
        (r"HKEY_LOCAL_MACHINE\SOFTWARE\Example", None, r"HKLM 64 SOFTWARE\Example"),
        (r"hkey_Current_User\Software\Example", None, r"HKCU 64 Software\Example"),
        (r"HKCU:\Software\Example", None, r"HKCU 64 Software\Example"),
        (r"HKU\.DEFAULT\Console", None, r"HKU\.DEFAULT 64 Console"),
        (r"hku:\.default\Console", None, r"HKU\.DEFAULT 64 Console"),
        (r"HKEY_USERS\S-1-5-18\Software\Wow6432Node", None, r"HKU\.DEFAULT 64 Software\Wow6432Node"),
        (r"HKU\s-1-5-19\Software\policyc", None, r"HKU\S-1-5-19 64 Software\policyc"),
        (r"HKU\S-1-5-20\Software\Classes\Wow6432Node\CLSID", None, r"HKU\S-1-5-20 32 Software\Classes\CLSID"),
        (r"HKLM\SOFTWARE\Example", 64, r"HKLM 64 SOFTWARE\Example"),
        (r"HKLM\SOFTWARE\Example", 32, r"HKLM 32 SOFTWARE\Example"),
        (r"HKLM\SOFTWARE\Wow6432Node\Example", None, r"HKLM 32 SOFTWARE\Example"),
        (r"HKLM\SOFTWARE\WOW6432NODE\Example", 32, r"HKLM 32 SOFTWARE\Example"),
        (r"HKLM\SOFTWARE\Wow6432Node\Example", 64, r"HKLM 32 SOFTWARE\Example"),
        (r"HKLM\SOFTWARE\Wow6432Node", None, r"HKLM 32 SOFTWARE"),
        (r"HKLM\Software\Wow6432Node\Policies\Example", None, r"HKLM 64 Software\Policies\Example"),
        (r"HKLM\SOFTWARE\Classes\Wow6432Node\CLSID\{0}", None, r"HKLM 32 SOFTWARE\Classes\CLSID\{0}"),
        (r"HKLM\SOFTWARE\Wow6432Node\Classes\CLSID\{0}", None, r"HKLM 32 SOFTWARE\Classes\CLSID\{0}"),
        (r"HKLM\SOFTWARE\Wow6432Node\Classes\.txt", None, r"HKLM 64 SOFTWARE\Classes\.txt"),
        (r"HKCU\Software\Classes\Wow6432Node\CLSID\{0}", None, r"HKCU 32 Software\Classes\CLSID\{0}"),
        (r"HKCU\Software\Classes\CLSID\{0}", 32, r"HKCU 32 Software\Classes\CLSID\{0}"),
        (r"HKCU\Software\Wow6432Node\Example", None, r"HKCU 64 Software\Wow6432Node\Example"),
        (r"HKLM\SYSTEM\Wow6432Node\Example", None, r"HKLM 64 SYSTEM\Wow6432Node\Example"),
        (r"HKLM\SOFTWARE\Example\Wow6432Node", None, r"HKLM 64 SOFTWARE\Example\Wow6432Node"),
        (r"HKLM\SYSTEM\ControlSet001\Control\Lsa", None, r"HKLM 64 SYSTEM\CurrentControlSet\Control\Lsa"),
        (r"HKLM\System\controlset001", None, r"HKLM 64 System\CurrentControlSet"),
        (r"HKLM\SYSTEM\Example\ControlSet001", None, r"HKLM 64 SYSTEM\Example\ControlSet001"),
        (r"HKLM\SOFTWARE\a/b", None, r"HKLM 64 SOFTWARE\a/b"),
    ],
)
def test_canonical(text, view, expected):
    assert read(text, view) == expected


@pytest.mark.parametrize(
    ("text", "view", "code", "message", "help"),
    [
        (r"SOFTWARE\Example", None, "PC0301", "doesn't begin with a hive", "HKLM"),
        (r"HKXX\Example", None, "PC0301", "doesn't begin with a hive", "HKLM"),
        (r"HKCR\.txt", None, "PC0302", "'HKCR'", r"HKLM\SOFTWARE\Classes"),
        (r"hkey_classes_root:\.txt", None, "PC0302", "'hkey_classes_root:'", r"HKCU\Software\Classes"),
        (r"HKU\S-1-5-21-1-2-3-500\Software", None, "PC0302", r"'HKU\S-1-5-21-1-2-3-500'", r"write 'HKCU\Software', which"),
        (r"HKU\anna_Classes\.txt", None, "PC0302", r"'HKU\anna_Classes'", r"write 'HKCU\Software\Classes\.txt', which"),
        (r"HKU\S-1-5-20_Classes\.x", None, "PC0302", "_Classes'", r"write 'HKU\S-1-5-20\Software\Classes\.x'"),
        (r"hkey_users\S-1-5-18_classes", None, "PC0302", "_classes'", r"write 'HKU\.DEFAULT\Software\Classes'"),
        (r"HKU\S-1-5-181\Software", None, "PC0302", "S-1-5-181'", r"write 'HKCU\Software'"),
        ("HKU", None, "PC0302", "'HKU'", r"'HKU\.DEFAULT', 'HKU\S-1-5-19' and 'HKU\S-1-5-20'"),
        (r"HKU\.DEFAULT", None, "PC0303", "whole hive", r"'HKU\.DEFAULT\SOFTWARE\Example'"),
        ("HKU\\S-1-5-19\\", None, "PC0303", "whole hive", r"'HKU\S-1-5-19\SOFTWARE\Example'"),
        (r"HKU\.DEFAULT\\A", None, "PC0303", "two backslashes", r"'HKU\.DEFAULT\A'"),
        (r"HKU\.DEFAULT\Software\Example", 32, "PC0304", "means nothing", "take 'view' out"),
        (r"Computer\HKEY_USERS\.DEFAULT\A", None, "PC0301", "doesn't begin with a hive", r"'HKEY_USERS\.DEFAULT\A'"),
        (r"HKEY_CURRENT_CONFIG\Software", None, "PC0302", "HKEY_CURRENT_CONFIG", r"Hardware Profiles\Current"),
        ("HKLM", None, "PC0303", "whole hive", r"'HKLM\SOFTWARE\Example'"),
        ("HKCU:\\", None, "PC0303", "whole hive", r"'HKCU\SOFTWARE\Example'"),
        ("HKLM\\A\\", None, "PC0303", "ends with a backslash", r"'HKLM\SOFTWARE\A'"),
        (r"HKLM\\A\\B", None, "PC0303", "two backslashes", r"'HKLM\SOFTWARE\A\B'"),
        (r"\HKLM\A", None, "PC0303", "begins with a backslash", r"'HKLM\SOFTWARE\A'"),
        ("HKLM/SOFTWARE/Example", None, "PC0303", "slashes", r"'HKLM\SOFTWARE\Example'"),
        ("HKLM/Policies/Example", None, "PC0303", "slashes", r"'HKLM\SOFTWARE\Policies\Example'"),
        (r"HKU\S-1-5-21-1-2-3-1001\Software\A", None, "PC0302", r"'HKU\S-1-5", r"'HKCU\Software\A'"),
        (r"HKU\S-1-12-1-1-2-3-4_Classes\.a", None, "PC0302", r"'HKU\S-1-12", r"'HKCU\Software\Classes\.a'"),
        (r"Policies\A", None, "PC0301", "doesn't begin with a hive", r"'HKLM\SOFTWARE\Policies\A' for the machine"),
        (r"\HKLM\SOFTWARE\C", None, "PC0303", "begins with a backslash", r"'HKLM\SOFTWARE\C'"),
        ("HKLM\\" + "a" * 256, None, "PC0303", "256 characters", "255"),
        (r"HKLM\SOFTWARE\Policies\Example", 32, "PC0304", "means nothing", "take 'view' out"),
        (r"HKLM\SYSTEM\Example", 32, "PC0304", "means nothing", "take 'view' out"),
        (r"HKCU\Software\Example", 32, "PC0304", "means nothing", "take 'view' out"),
        (r"HKLM\SOFTWARE\Policyc\journal", None, "PC0306", "journal", "rollback"),
        (r"HKLM\SOFTWARE\Wow6432Node\policyc", None, "PC0306", "journal", "rollback"),
    ],
)
def test_refused(text, view, code, message, help):
    complaint = parse_key(text, view)
    assert isinstance(complaint, Complaint)
    assert (complaint.code, complaint.about) == (code, "view" if code == "PC0304" else "key")
    assert message in complaint.message
    assert help in complaint.help


@pytest.mark.parametrize(
    "text",
    [r"HKLM\SYSTEM\ControlSet002\Control", r"HKLM\SYSTEM\controlset010", r"HKLM\System\CONTROLSET001\Control"],
)
def test_another_control_set_is_doubted(text):
    assert parse_key(text, None).doubt.code == "PC0305"
    assert parse_key(r"HKLM\SYSTEM\ControlSet2\Control", None).doubt is None


@pytest.mark.parametrize(
    ("hive", "key", "split"),
    [
        ("HKLM", "SOFTWARE", True),
        ("HKLM", r"SOFTWARE\MICROSOFT", True),
        ("HKLM", r"SOFTWARE\MICROSOFT\OLE\X", False),
        ("HKLM", r"SOFTWARE\MICROSOFT\OLE2", True),
        ("HKLM", r"SOFTWARE\MICROSOFT\WINDOWS\CURRENTVERSION", True),
        ("HKLM", r"SOFTWARE\MICROSOFT\WINDOWS\CURRENTVERSION\POLICIES\SYSTEM", False),
        ("HKLM", r"SOFTWARE\MICROSOFT\WINDOWS\CURRENTVERSION\CONTROL PANEL\CURSORS\SCHEMES", False),
        ("HKLM", r"SOFTWARE\MICROSOFT\WINDOWS\CURRENTVERSION\CONTROL PANEL\CURSORS", True),
        ("HKLM", r"SOFTWARE\MICROSOFT\WINDOWS NT\CURRENTVERSION\WINLOGON", True),
        ("HKLM", r"SOFTWARE\MICROSOFT\WINDOWS NT\CURRENTVERSION\IMAGE FILE EXECUTION OPTIONS\SETHC.EXE", False),
        ("HKLM", r"SOFTWARE\CLASSES\INTERFACE\X", True),
        ("HKLM", r"SOFTWARE\CLASSES\MEDIA TYPE", True),
        ("HKLM", r"SYSTEM", False),
        ("HKCU", r"SOFTWARE\CLASSES\CLSID", True),
        ("HKCU", r"SOFTWARE\CLASSES", False),
    ],
)
def test_where_windows_splits(hive, key, split):
    assert is_split(Hive(hive), tuple(key.split("\\"))) is split


PARTS = st.sampled_from(
    ["SOFTWARE", "Classes", "CLSID", "Wow6432Node", "Policies", "Microsoft", "SYSTEM", "ControlSet001", "a", ""]
)


@given(st.sampled_from(["HKLM", "HKCU:", "hkcr", "", "x"]), st.lists(PARTS, max_size=6), st.sampled_from([None, 32, 64]))
def test_canonical_is_a_fixed_point(hive, parts, view):
    place = parse_key("\\".join([hive, *parts]), view)
    if isinstance(place, Complaint):
        return
    again = parse_key(f"{place.hive}\\{place.key}", 32 if place.view == 32 else None)
    assert replace(again, doubt=None) == replace(place, doubt=None)
    spelt = Place(again.hive, again.view, upper(again.key), "N")
    assert spelt.identity == Place(place.hive, place.view, place.key, "n").identity
