"""A ConfigMgr site for one test: what it holds, scripts that run against it, and what they called."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configmgr.empty import ALL_CLIENTS, ALL_SYSTEMS, SITE_CODE, a, collection, empty_site
from configmgr.module import write_module
from endpoint.engine import find_powershell


@dataclass(frozen=True, slots=True)
class Result:
    """What one run of a script gave."""

    exit_code: int
    stdout: str
    stderr: str


class Site:
    """A site in a folder: `state.json` is what it holds, `calls.jsonl` what was asked of it."""

    def __init__(self, folder: Path, console: Path | None = None) -> None:
        self.folder = folder
        self._state = folder / "state.json"
        self._log = folder / "calls.jsonl"
        self.console = console or write_module(folder / "AdminConsole")
        self.save(empty_site())

    # --- what it holds ---

    @property
    def state(self) -> dict[str, Any]:
        """The site as it is now."""
        state: dict[str, Any] = json.loads(self._state.read_text(encoding="utf-8-sig"))
        return state

    def save(self, state: Mapping[str, Any]) -> None:
        """Put another state in its place."""
        self._state.write_text(json.dumps(state, indent=1), encoding="utf-8")

    def update(self, **changes: object) -> None:
        """Replace keys of the state, such as `deny`, `queryResults`, `instant` or `drive`."""
        self.save({**self.state, **changes})

    def rows(self, table: str, **properties: object) -> list[dict[str, Any]]:
        """The objects of a table whose properties are these."""
        return [row for row in self.state[table] if all(row.get(key) == value for key, value in properties.items())]

    def row(self, table: str, **properties: object) -> dict[str, Any]:
        """The one object of a table whose properties are these."""
        found = self.rows(table, **properties)
        assert len(found) == 1, f"{len(found)} of {table} are {properties}"
        return found[0]

    def change(self, table: str, properties: Mapping[str, object], **changes: object) -> None:
        """Change objects as somebody at a console would: `change("packages", {"Name": "A"}, Name="B")`."""
        state = self.state
        found = [row for row in state[table] if all(row.get(key) == value for key, value in properties.items())]
        assert found, f"none of {table} is {dict(properties)}"
        for row in found:
            row.update(changes)
        self.save(state)

    def add(self, table: str, **properties: object) -> dict[str, Any]:
        """Put an object into a table just as it is given; `_class` is the class that it says it is."""
        state = self.state
        row = dict(properties)
        state[table].append(row)
        self.save(state)
        return row

    def add_devices(self, *names: str, client: bool = True) -> None:
        """Devices that discovery has found."""
        state = self.state
        for name in names:
            number = 16777216 + _step(state)
            state["devices"].append(
                a("SMS_CombinedDeviceResources", Name=name, ResourceID=number, IsClient=client, IsObsolete=False)
            )
        _fill_built_in(state)
        self.save(state)

    def add_collection(
        self, name: str, devices: Sequence[str] = (), comment: str = "", limited_to: str = "All Systems"
    ) -> dict[str, Any]:
        """A collection of somebody else's with direct members."""
        state = self.state
        limiting = next(row for row in state["collections"] if row["Name"] == limited_to)
        row = collection(f"{SITE_CODE}{_step(state):05X}", name, comment, limiting)
        known = {device["Name"]: device["ResourceID"] for device in state["devices"]}
        row["_members"] = [known[device] for device in devices]
        direct = {"ResourceClassName": "SMS_R_System"}
        row["_rules"] = [a("SMS_CollectionRuleDirect", RuleName=one, ResourceID=known[one], **direct) for one in devices]
        row["MemberCount"] = len(row["_members"])
        state["collections"].append(row)
        self.save(state)
        return row

    def add_distribution_point_group(self, name: str, points: int = 1) -> None:
        """A group of distribution points."""
        state = self.state
        key = f"{{{_step(state):08X}}}"
        state["distributionPointGroups"].append(a("SMS_DistributionPointGroup", Name=name, GroupID=key, MemberCount=points))
        self.save(state)

    def add_security_scope(self, name: str) -> None:
        """A security scope."""
        state = self.state
        key = f"{SITE_CODE}{_step(state):05X}"
        state["scopes"].append(a("SMS_SecuredCategory", CategoryID=key, CategoryName=name, IsBuiltIn=False))
        self.save(state)

    # --- running ---

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a script that finds the stand-in where the console's module lies."""
        return {
            **os.environ,
            "SMS_ADMIN_UI_PATH": str(self.console),
            "POLICYC_SITE_STATE": str(self._state),
            "POLICYC_SITE_LOG": str(self._log),
            "POLICYC_SITE_DRIVE": str(self.folder / "drive"),
        }

    def run(self, script: Path, *arguments: str, timeout: float = 60, **environment: str) -> Result:
        """Run a script file in a process of its own; the state stays."""
        command = find_powershell()
        assert command is not None
        done = subprocess.run(
            [*command, "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", str(script), *arguments],
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def run_command(self, text: str, timeout: float = 60, **environment: str) -> Result:
        """Run a piece of script from a file: `-File` can't pass an array to a script's parameter, a line in a file can."""
        wrapper = self.folder / "command.ps1"
        # Without a byte order mark Windows PowerShell would read it in the machine's code page.
        wrapper.write_text("$ErrorActionPreference = 'Stop'\n" + text + "\n", encoding="utf-8-sig")
        return self.run(wrapper, timeout=timeout, **environment)

    def run_on_drive(self, text: str, timeout: float = 60, **environment: str) -> Result:
        """Run a piece of script on the site's drive, with the module there."""
        start = 'Import-Module "$env:SMS_ADMIN_UI_PATH/../ConfigurationManager.psd1"\n'
        return self.run_command(f"{start}Set-Location -Path '{SITE_CODE}:'\n{text}", timeout, **environment)

    # --- what was asked ---

    def calls(self, cmdlet: str | None = None) -> list[dict[str, Any]]:
        """Each call, in order: cmdlet, set, parameters, whatIf, changed, error."""
        if not self._log.exists():
            return []
        lines = self._log.read_text(encoding="utf-8").splitlines()
        calls = [json.loads(line) for line in lines]
        return [call for call in calls if cmdlet in (None, call["cmdlet"])]

    def changes(self) -> list[dict[str, Any]]:
        """The calls that changed the site."""
        return [call for call in self.calls() if call["changed"]]

    def forget_calls(self) -> None:
        """Begin the log anew."""
        self._log.unlink(missing_ok=True)


def _step(state: dict[str, Any]) -> int:
    state["counter"] += 1
    counter: int = state["counter"]
    return counter


def _fill_built_in(state: dict[str, Any]) -> None:
    for row in state["collections"]:
        if row["CollectionID"] in (ALL_SYSTEMS, ALL_CLIENTS):
            found = [one["ResourceID"] for one in state["devices"] if one["IsClient"] or row["CollectionID"] == ALL_SYSTEMS]
            row["_members"] = found
            row["MemberCount"] = len(found)
