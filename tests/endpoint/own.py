"""Own scripts of an endpoint in tests: what they look at is one value of the registry, `Mode`."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from endpoint.cases import write_scripts
from endpoint.device import ROOT
from policyc.kinds.script.subject import OwnScript, ScriptPlace
from policyc.kinds.texts import Text
from policyc.model import Location, Setting

KEY = rf"{ROOT}\own"
PATH = KEY.removeprefix("HKLM\\")
DISCOVERY = f"""\
$key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('{PATH}')
if ($null -ne $key) {{ $key.GetValue('Mode') }}
"""


def writes(mode: str, then: str = "") -> str:
    """A script that brings `Mode` to this, or takes it away where that is empty."""
    key = f"$key = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey('{PATH}')\n"
    return key + (f"$key.SetValue('Mode', '{mode}')\n" if mode else "$key.DeleteValue('Mode', $false)\n") + then


def text(word: str, content: str) -> Text:
    """A text as a policy's file has it."""
    return Text(f"{word}.ps1", sha256(content.encode("ascii")).hexdigest(), f"{word}.ps1", content)


def own(
    discovery: str = DISCOVERY,
    remediation: str | None = writes("On"),
    rollback: str | None = writes("Off"),
    *,
    expect: str = "On",
    seconds: int = 30,
    id: str = "bitlocker",
) -> Setting:
    """A setting of own scripts."""
    subject = OwnScript(
        ScriptPlace(id),
        text("discovery", discovery),
        expect,
        None if remediation is None else text("remediation", remediation),
        None if remediation is None or rollback is None else text("rollback", rollback),
        seconds,
        writes=remediation is not None,
    )
    return Setting(id=id, title=f"Title of {id}", subject=subject, origin=Location("test.yaml", ("settings", id)))


def placed(folder: Path, settings: Sequence[Setting]) -> dict[str, Path]:
    """The scripts of these settings, with the own ones beside them, as a package has them."""
    scripts = write_scripts(folder, settings)
    place_beside(folder, settings)
    return scripts


def place_beside(folder: Path, settings: Sequence[Setting]) -> None:
    """Put own scripts where a package has them."""
    for setting in settings:
        if isinstance(setting.subject, OwnScript):
            for word, one in setting.subject.carried.items():
                (folder / f"own-{setting.id}-{word}.ps1").write_bytes(one.content)
