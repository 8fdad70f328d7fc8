"""What Windows takes in a value and hardly anybody means: code, place, the meant form, and that it is meant."""

from __future__ import annotations

import pytest

from policyc.kinds.registry.oddities import oddities
from policyc.kinds.registry.places import KeyPlace, parse_key
from policyc.model import Kind, Location

AT = Location("pilot.yaml", ("settings", "x", "registry"))
EXAMPLE = r"HKLM\SOFTWARE\Example"
LSA = r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa"
SAVER = r"HKCU\Control Panel\Desktop"
SERVICE = r"HKLM\SYSTEM\CurrentControlSet\Services\Contoso"


def odd(key, name="Value", type_=None, **rest):
    place = parse_key(key, None)
    assert isinstance(place, KeyPlace)
    registry = {"key": key, **({} if name is None else {"name": name}), **({"type": type_} if type_ else {}), **rest}
    found = list(oddities(registry, place, Kind(type_) if type_ else None, AT))
    assert {one.level for one in found} <= {"warning"}
    return [(one.code, one.location.path[-1], one.help) for one in found]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (odd(EXAMPLE, " Value"), ("PC0343", "name", "write 'Value'")),
        (odd(EXAMPLE, "Value\u00a0"), ("PC0343", "name", "write 'Value'")),
        (odd(EXAMPLE, "  "), ("PC0343", "name", "write 'name: \"\"'")),
        (odd(EXAMPLE, "@"), ("PC0344", "name", "write 'name: \"\"' for the default value")),
        (odd(EXAMPLE, "(DEFAULT)"), ("PC0344", "name", "write 'name: \"\"' for the default value")),
        (odd(EXAMPLE, "(Standard)"), ("PC0344", "name", "write 'name: \"\"' for the default value")),
        (odd(LSA + r"\runasppl", ""), ("PC0345", "key", f"write 'key: {LSA}' and 'name: RunAsPPL'")),
        (odd(LSA + r"\LmCompatibilityLevel", None), ("PC0345", "key", f"write 'key: {LSA}' and 'name: LmCompatibilityLevel'")),
        (odd(SERVICE + r"\Start"), ("PC0345", "key", f"write 'key: {SERVICE}' and 'name: Start'")),
        (
            odd(SAVER, "ScreenSaveTimeOut", "dword", equals=900),
            ("PC0346", "type", "write 'type: string' and 'equals: \"900\"'"),
        ),
        (
            odd(SAVER, "screensaveactive", "dword", at_least=1),
            ("PC0346", "type", "write 'type: string', and the data in quotes"),
        ),
        (odd(SERVICE, "Start", "string", equals="4"), ("PC0346", "type", "write 'type: dword' and 'equals: 4'")),
        (odd(SERVICE, "Start", "string", equals="off"), ("PC0346", "type", "write 'type: dword', and a number")),
        (odd(SERVICE, "Start", "qword", equals=4), ("PC0346", "type", "write 'type: dword', and a number")),
        (
            odd(LSA, "FullPrivilegeAuditing", "dword", equals=1),
            ("PC0346", "type", "write 'type: binary', and the data as hex text"),
        ),
        (
            odd(LSA + r"\MSV1_0", "ClientAllowedNTLMServers", "string", equals="a"),
            ("PC0346", "type", "write 'type: multi_string', and a list"),
        ),
    ],
)
def test_what_is_odd(found, expected):
    assert found == [expected]


@pytest.mark.parametrize(
    "found",
    [
        odd(EXAMPLE),
        odd(EXAMPLE, ""),
        odd(EXAMPLE, None),
        odd(EXAMPLE, "a b"),
        odd(EXAMPLE, "(Defaults)"),
        odd(LSA, "RunAsPPL", "dword", equals=1),
        odd(LSA, "RunAsPPL"),
        odd(LSA + r"\FIPSAlgorithmPolicy", "Enabled", "dword", equals=1),
        odd(SAVER, "ScreenSaveTimeOut", "string", equals="900"),
        odd(SAVER, "ScreenSaveTimeOut", "expand_string", equals="900"),
        odd(SERVICE, "Start", "dword", equals=4),
        odd(SERVICE + r"\Parameters", "Start", "string", equals="4"),
    ],
)
def test_what_is_not(found):
    assert found == []
