"""What scripts of an administrator know bodies by."""

from __future__ import annotations

from pathlib import Path

import policyc.powershell
from policyc.targets.intune.bodies import WAY_BACK

TEMPLATES = Path(policyc.powershell.__file__).parent / "templates" / "tenant"


def test_the_way_back_is_known_by_how_its_description_begins() -> None:
    assert f"StartsWith('{WAY_BACK}'," in (TEMPLATES / "_prune.ps1.j2").read_text(encoding="utf-8")
