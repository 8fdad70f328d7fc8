"""Keys as they are pasted from elsewhere."""

from __future__ import annotations

import pytest

from policyc.kinds.registry.places import Complaint, parse_key


@pytest.mark.parametrize(
    "text",
    [
        r"Computer\HKEY_LOCAL_MACHINE\SOFTWARE\X",
        r"Registry::HKEY_LOCAL_MACHINE\SOFTWARE\X",
        r"HKEY_LOCAL_MACHINE/SOFTWARE\X",
    ],
)
def test_the_help_is_the_key_itself(text: str) -> None:
    found = parse_key(text, None)
    assert isinstance(found, Complaint)
    assert found.help == r"write 'HKEY_LOCAL_MACHINE\SOFTWARE\X'"
