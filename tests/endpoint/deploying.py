"""A small estate that is compiled and brought to the stand-in site with deploy.ps1."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from configmgr.site import Result, Site
from endpoint.engine import Session
from policyc.artifacts.collections import load as known_collections
from policyc.driver.order import Order
from policyc.driver.output import run
from policyc.driver.sign import sign
from policyc.signing import Options

AS_OF = date(2099, 12, 15)
"""So late that no test runs past the date of its offboarding script."""
ONBOARDING = "WindowsDefenderATPOnboardingScript.cmd"
OFFBOARDING = "WindowsDefenderATPOffboardingScript_valid_until_2099-12-31.cmd"
AGAIN = "--- again ---"
GROUP = "All distribution points"
CLIENTS = "All Desktop and Server Clients"

PROJECT: dict[str, Any] = {
    "project": {"name": "Test estate", "id": "b74fd3a6-0a0f-54a2-8545-5acd9b511c7b"},
    "configmgr": {
        "site_code": "PS1",
        "site_server": "cm01.example.com",
        "server_version": "2203",
        "signing": "none",
        "deployment": {"distribution_point_groups": [GROUP]},
        # What the project itself has on a site is test_deploy_left.py's.
        "left_behind": {"report": False},
    },
}


def setting(name: str, value: int = 1, *, severity: str = "critical") -> dict[str, Any]:
    """A registry setting; settings of different severity are different items' groups."""
    return {
        "title": f"{name} is {value}",
        "severity": severity,
        "registry": {"key": r"HKLM\SOFTWARE\Policies\Example", "name": name, "type": "dword", "equals": value},
    }


def hardening(name: str = "Hardening", devices: tuple[str, ...] = ("PC-1", "PC-2")) -> dict[str, Any]:
    """A collection with settings."""
    return {
        "collection": {"name": name, "limited_to": CLIENTS, "members": {"devices": list(devices)}},
        "settings": {"first": setting("First"), "second": setting("Second", severity="warning")},
    }


def onboarding(*devices: str, exclude: tuple[str, ...] = ("Offboarding",)) -> dict[str, Any]:
    """A collection whose devices are onboarded."""
    return {
        "collection": {
            "name": "Onboarding",
            "limited_to": CLIENTS,
            "members": {"devices": list(devices), "exclude": list(exclude)},
        },
        "defender_atp": {"state": "onboarded", "package": {"script": ONBOARDING}},
    }


def offboarding(*devices: str, script: str = OFFBOARDING) -> dict[str, Any]:
    """A collection whose devices are offboarded."""
    return {
        "collection": {"name": "Offboarding", "limited_to": CLIENTS, "members": {"devices": list(devices)}},
        "defender_atp": {"state": "offboarded", "package": {"script": script}},
    }


class WarmSite(Site):
    """A site whose scripts run in an engine that is already there: each in a session of its own, in a third of the time."""

    def __init__(self, folder: Path, console: Path, session: Session) -> None:
        super().__init__(folder, console)
        self.session = session

    def run_command(self, text: str, timeout: float = 60, **environment: str) -> Result:
        """Run a piece of script; the environment is set by the script itself."""
        given = {**self.environment, **environment}
        names = (name for name in given if name.startswith(("POLICYC_SITE_", "SMS_")))
        lines = ["$env:{} = '{}'".format(name, given[name].replace("'", "''")) for name in sorted(names)]
        wrapper = self.folder / "command.ps1"
        # Without a byte order mark Windows PowerShell would read it in the machine's code page.
        wrapper.write_text("\n".join([*lines, "$ErrorActionPreference = 'Stop'", text, ""]), encoding="utf-8-sig")
        answer = self.session.run(wrapper, timeout=timeout)
        return Result(answer.exit_code, answer.stdout, answer.stderr)


@dataclass
class Estate:
    """Policies in a folder, what policyc makes of them, and the share that packages are read from."""

    folder: Path
    policies: dict[str, dict[str, Any]]
    project: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(PROJECT))
    as_of: date = AS_OF
    taken: str = "output"

    @property
    def output(self) -> Path:
        """What an administrator takes to the console."""
        return self.folder / self.taken

    @property
    def share(self) -> Path:
        """The content source, below which the vendor's scripts are staged."""
        return self.folder / "share"

    def compile(self) -> None:
        """Write the policies and compile them; what left them is said to be gone for good."""
        source = self.folder / "policies"
        source.mkdir(parents=True, exist_ok=True)
        there = [tree["collection"] for tree in self.policies.values() if "collection" in tree]
        named = {name for head in there for name in (head["name"], *head.get("formerly", ()))}
        gone = {name for one in known_collections(self.output)[0] for name in one.first_names} - named
        self.project["departed"] = sorted({*self.project.get("departed", ()), *gone} - named)
        for old in source.glob("*.yaml"):
            old.unlink()
        for name, tree in {"project": self.project, **self.policies}.items():
            (source / f"{name}.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False), encoding="utf-8")
        outcome = run(Order(source, self.output, self.as_of))
        assert [one for one in outcome.diagnostics if one.is_error] == []
        self.stage()

    def sign(self, options: Options) -> Estate:
        """The same estate, with signed output."""
        signed = sign(self.folder / "policies", self.output, self.folder / "signed", options, self.as_of)
        assert [one for one in signed.diagnostics if one.is_error] == []
        return replace(self, taken="signed")

    def copy(self, folder: Path) -> Estate:
        """The same policies and output in another folder."""
        shutil.copytree(self.folder, folder)
        return Estate(folder, copy.deepcopy(self.policies), copy.deepcopy(self.project), self.as_of)

    def put(self, path: str, content: bytes) -> None:
        """Write a file of the output, and have the manifest know it."""
        (self.output / path).write_bytes(content)
        manifest = self.manifest()
        manifest["files"][path] = {"sha256": sha256(content).hexdigest(), "source": "", "target": "configmgr"}
        (self.output / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    def manifest(self) -> dict[str, Any]:
        """The manifest as it is."""
        found: dict[str, Any] = json.loads((self.output / "manifest.json").read_text(encoding="utf-8"))
        return found

    def deployment(self, slug: str) -> dict[str, Any]:
        """A collection's deployment.json."""
        found: dict[str, Any] = json.loads((self.output / slug / "deployment.json").read_text(encoding="utf-8"))
        return found

    def edit_json(self, path: str, **changes: object) -> None:
        """Other values in a file of the output, as another version of policyc would write them."""
        tree = json.loads((self.output / path).read_text(encoding="utf-8"))
        self.put(path, json.dumps({**tree, **changes}).encode("ascii"))

    def stage(self) -> None:
        """Put each package's vendor script where its content is read from."""
        for path in self.output.glob("*/deployment.json"):
            tree = json.loads(path.read_text(encoding="utf-8"))
            for package in [*tree["packages"], *tree["applications"]]:
                staged = package["content"]["staged"]
                if staged is not None:
                    target = self.share / tree["slug"] / package["key"] / staged["file"]
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(b"@echo vendor's script\r\n")

    def deploy(self, site: Site, *runs: str, **environment: str) -> Result:
        """Run deploy.ps1 against a site, as often as there are arguments, which are written as an administrator types them.

        The exit code is the last that wasn't 0.
        """
        lines = ["$code = 0"]
        for arguments in runs or ("",):
            lines += [f"{self._command} {arguments}", "if ($LASTEXITCODE) { $code = $LASTEXITCODE }"]
        return site.run_command("\n".join([*lines, "exit $code"]), **environment)

    def settle(self, site: Site) -> Result:
        """Run it, and again: both are to end well, and the second to change nothing. Gives the first, and leaves its calls."""
        log = site.folder / "first.jsonl"
        lines = [
            self._command,
            f"'{AGAIN}'; $LASTEXITCODE",
            f"[IO.File]::Move($env:POLICYC_SITE_LOG, '{log}')",
            self._command,
            "exit $LASTEXITCODE",
        ]
        done = site.run_command("\n".join(lines))
        first, _, second = done.stdout.partition(AGAIN)
        assert (done.exit_code, done.stderr, second.split()[0]) == (0, "", "0"), done.stdout
        assert changes(site) == []
        assert {row["Action"] for row in rows(Result(0, second, ""))} <= {"unchanged", "waiting"}
        site.forget_calls()
        log.rename(site.folder / "calls.jsonl")
        return Result(0, first, "")

    @property
    def _command(self) -> str:
        script, share = (str(path).replace("'", "''") for path in (self.output / "deploy.ps1", self.share))
        return f"& '{script}' -ContentSource '{share}'"


def changes(site: Site) -> list[str]:
    """The cmdlets that changed the site since its log was begun."""
    return [call["cmdlet"] for call in site.changes()]


def actions(result: Result, *kinds: str) -> list[tuple[str, str, str]]:
    """Object, kind and action of the rows of a run that are not unchanged; of some kinds where they are named."""
    found = [(row["Object"], row["Kind"], row["Action"]) for row in rows(result) if row["Action"] != "unchanged"]
    return [row for row in found if not kinds or row[1] in kinds]


def rows(result: Result, *tables: str) -> list[Mapping[str, str]]:
    """The table of a run, as Object, Kind, Action, Detail; or another one, by the line above it."""
    # PowerShell counts a character beyond the first plane as two.
    lines = re.sub("[\U00010000-\U0010ffff]", lambda found: f"{found[0]} ", result.stdout).splitlines()
    starts = [number for number, line in enumerate(lines) if line in (tables or ("What was done:", "What would be done:"))]
    if not starts:
        return []
    head = lines[starts[0] + 1]
    titles = head.split()
    edges = [head.index(title) for title in titles]
    found = []
    for line in lines[starts[0] + 3 :]:
        if not line:
            break
        cells = [line[start:end].strip() for start, end in zip(edges, [*edges[1:], None], strict=True)]
        found.append(dict(zip(titles, cells, strict=True)))
    return found
