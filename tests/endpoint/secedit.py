"""A security policy to be spoilt: what the stand-in for `secedit.exe` keeps in the registry, and the scripts of its kinds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endpoint.device import Batch, Device, Run
from endpoint.registry import sz
from policyc.diagnostics import Diagnostic
from policyc.kinds import KINDS
from policyc.model import Location, Setting
from policyc.powershell.scripts import Script, entry, script_text

STATE = r"HKLM\SOFTWARE\standins"
RIGHTS = STATE + r"\secedit\Privilege Rights"
ACCESS = STATE + r"\secedit\System Access"
CALLS = STATE + r"\secedit\calls"
POLICY = r"HKLM\SECURITY\Policy"
PRODUCT = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions"
MACHINE = "S-1-5-21-0-0-0"
"""Wine's own SID."""
SCRIPTS = (Script.DETECT, Script.REMEDIATE, Script.ROLLBACK, Script.DISCOVERY, Script.REMEDIATION)


def setting(kind: str, id: str, *, remediate: bool = True, **words: Any) -> Setting:
    """A setting, in the words of a policy."""
    found: list[Diagnostic] = []
    at = Location("test.yaml").below("settings", id)
    tree = {"title": id, kind: words, **({} if remediate else {"remediate": False})}
    subject = KINDS[kind].lower(tree, at, found, audit=False)
    assert [one for one in found if one.is_error] == []
    assert subject is not None
    return Setting(id, f"Title of {id}", subject, at)


@dataclass(frozen=True)
class Scripts:
    """The scripts of a policy, in a folder."""

    folder: Path
    files: Mapping[Script, Path]

    def environment(self, **variables: str) -> Path:
        """A script that tells the stand-ins how to behave from now on; what isn't named is taken back."""
        every = ("LANGUAGE", "NOT_ELEVATED", "FAIL", "IGNORE", "WARN", "NAMES", "DELAY")
        lines = [f"$env:STANDIN_{name} = '{variables.get(name.lower(), '')}'" for name in every]
        lines = [
            line if variables.get(name.lower()) else f"$env:STANDIN_{name} = $null"
            for name, line in zip(every, lines, strict=True)
        ]
        file = self.folder / f"environment-{'-'.join(sorted(variables)) or 'none'}.ps1"
        file.write_text("\n".join(lines) + "\n", encoding="ascii")
        return file


def scripts(folder: Path, settings: Sequence[Setting], *, slug: str = "test") -> Scripts:
    """Write them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [entry(one) for one in settings]
    words = {one.subject.word for one in settings}
    files = {}
    for script in SCRIPTS:
        files[script] = folder / f"{script.value}.ps1"
        kept = () if script is Script.ROLLBACK else rows
        files[script].write_bytes(script_text(script, slug=slug, source="test.yaml", entries=kept, kinds=words))
    return Scripts(folder, files)


def give(batch: Batch, rights: Mapping[str, Iterable[str]]) -> None:
    """Who has which right."""
    for right, sids in rights.items():
        batch.value(RIGHTS, right, sz(",".join(sids)))


def held(device: Device, names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Who has which right now, as the stand-in keeps it."""
    values = device.dump(RIGHTS)[RIGHTS].get(RIGHTS, {})
    texts = {name: values[name].data.decode("utf-16-le").rstrip("\0") for name in names if name in values}
    return {name: frozenset(filter(None, text.split(","))) for name, text in texts.items()}


def said(run: Run) -> str:
    """All that a run gave, for the message of an assertion."""
    return "\n".join([*run.said, run.failure or "", run.at])


_RESULT = re.compile(r"(Compliant|NonCompliant|Error|Changed|Failed) +([a-z0-9-]+): ")


def results(run: Run) -> dict[str, str]:
    """What a console script says of each setting, by its last word on it."""
    return {found[2]: found[1] for line in run.out if (found := _RESULT.match(line))}
