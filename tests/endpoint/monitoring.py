"""An estate that stands on the stand-in site, and what monitor.ps1 tells of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configmgr.module import write_module
from configmgr.site import Result, Site
from endpoint.deploying import CLIENTS, GROUP, ONBOARDING, Estate, hardening, onboarding
from policyc.powershell.monitor_script import monitor_script

ONBOARD = "Onboarding - Onboarding: Onboard"
"""The program that onboards, as monitor.ps1 names it."""
STATE_ITEM = "Onboarding: Windows Defender ATP, state"
CONFIGURATION = "WindowsDefenderATP.onboarding"
SUCCESS, IN_PROGRESS, NOT_MET, UNKNOWN, ERROR = 1, 2, 3, 4, 5
"""StatusType of the classes of status."""


def _product(name: str, *devices: str, **package: str) -> dict[str, Any]:
    return {
        "collection": {"name": name, "limited_to": CLIENTS, "members": {"devices": list(devices)}},
        "defender_atp": {"state": "onboarded", "package": package},
    }


POLICIES = {
    "hardening": hardening(),
    "onboarding": onboarding("PC-1", "PC-2", "PC-3", "PC-4", exclude=()),
    "application": _product("App ring", "PC-5", "PC-6", script=ONBOARDING, deploy_as="application"),
    "policy": _product("Policy ring", "PC-7", configuration_file=CONFIGURATION),
    "later": hardening("Not yet", ("PC-8",)),
}
SLUGS = ("hardening", "onboarding", "app-ring", "policy-ring")
"""What stands on the site."""


@dataclass
class Watched:
    """A site that deploy.ps1 has been at, and the output folder that it was deployed from."""

    site: Site
    output: Path

    def run(self, arguments: str = "", before: str = "", **environment: str) -> Result:
        """Run monitor.ps1; arguments as an administrator types them, `before` in the window that runs it."""
        script = str(self.output / "monitor.ps1").replace("'", "''")
        return self.site.run_command(f"{before}\n& '{script}' {arguments}\nexit $LASTEXITCODE", **environment)

    def rows(self, arguments: str = "", before: str = "", exit_code: int = 0) -> list[dict[str, Any]]:
        """The objects of a run."""
        script = str(self.output / "monitor.ps1").replace("'", "''")
        types = "$types = @($rows | ForEach-Object { $_.PSObject.TypeNames[0] } | Sort-Object -Unique)"
        show = "ConvertTo-Json -InputObject @{ types = $types; rows = $rows } -Depth 4"
        told = f"$code = $LASTEXITCODE\n{types}\n{show}\nexit $code"
        text = f"$global:LASTEXITCODE = 0\n{before}\n$rows = @(& '{script}' {arguments})\n{told}"
        done = self.site.run_command(text)
        assert (done.exit_code, done.stderr) == (exit_code, ""), done
        found = json.loads(done.stdout)
        assert found["types"] == ["policyc.Status"]
        rows: list[dict[str, Any]] = found["rows"]
        return rows

    def advertisement(self) -> str:
        """The id of the deployment of the program that onboards."""
        return str(self.site.row("packageDeployments", ProgramName="Onboard")["AdvertisementID"])

    def assignment(self, table: str, collection: str) -> dict[str, Any]:
        """A deployment of a baseline, application or policy."""
        return self.site.row(table, CollectionName=collection)

    def resource(self, device: str) -> int:
        """The number that the site gave a device."""
        return int(self.site.row("devices", Name=device)["ResourceID"])

    def report(self, key: object, groups: list[Mapping[str, Any]], details: list[Mapping[str, Any]] = ()) -> None:
        """Have a deployment the status that devices reported: groups of them, and one by one."""
        state = self.site.state
        state["statuses"][str(key)] = list(groups)
        state["statusDetails"][str(key)] = list(details)
        self.site.save(state)

    def provide(self, name: str, *rows: Mapping[str, Any]) -> None:
        """Have a class of the SMS Provider these rows."""
        self.site.update(wmi={**self.site.state["wmi"], name: list(rows)})


def watched(base: Path, folder: Path) -> Watched:
    """The estate on a site of its own in `folder`, its output made once below `base`. Its last collection isn't there yet."""
    stood = base / "monitored"
    estate = Estate(stood / "estate", POLICIES)
    console = stood / "AdminConsole" / "bin" / "i386"
    if not console.exists():
        stood.mkdir(exist_ok=True)
        estate.compile()
        estate.put("monitor.ps1", monitor_script())
        write_module(stood / "AdminConsole")
    site = Site(folder, console)
    site.add_devices(*(f"PC-{number}" for number in range(1, 10)))
    for slug in SLUGS:
        _Objects(site, estate.deployment(slug)).stand()
    return Watched(site, estate.output)


class _Objects:
    """Puts the objects of a deployment.json on a site, as deploy.ps1 leaves them."""

    def __init__(self, site: Site, wanted: Mapping[str, Any]) -> None:
        self._site = site
        self._wanted = wanted
        own = wanted["collection"]
        # A mark of the collection's as the others have theirs, which say what the project is called.
        project = wanted["baseline"]["description"].split("[policyc:")[1][:8]
        mark = f"[policyc:{project}:{own['id']}:{own['hash']}]"
        self._collection = site.add_collection(own["name"], own["members"]["devices"], comment=mark)
        site.change("collections", {"Name": own["name"]}, MemberCount=len(own["members"]["devices"]))

    def stand(self) -> None:
        """All of them."""
        for package in self._wanted["packages"]:
            self._package(package)
        for application in self._wanted["applications"]:
            row = self._item("applications", "SMS_Application", application["parameters"], application["id"])
            comment = application["deployment"]["parameters"]["Comment"]
            self._assignment("applicationDeployments", "SMS_ApplicationAssignment", row, AssignmentDescription=comment)
        for policy in self._wanted["policies"]:
            row = self._item("policies", "SMS_ConfigurationPolicy", policy["parameters"], policy["id"])
            self._assignment("policyDeployments", "SMS_ConfigurationPolicyAssignment", row)
        baseline = self._wanted["baseline"]
        named = {"Name": baseline["name"], "Description": baseline["description"]}
        row = self._item("baselines", "SMS_ConfigurationBaselineInfo", named, baseline["id"])
        self._assignment("baselineDeployments", "SMS_BaselineAssignment", row)

    def _package(self, package: Mapping[str, Any]) -> None:
        key, parameters = f"PS1{package['id'][:5].upper()}", package["parameters"]
        content = {"PkgSourcePath": "source", "SourceVersion": 1, "_groups": [GROUP]}
        named = {"Name": parameters["Name"], "Description": parameters["Description"]}
        self._site.add("packages", _class="SMS_Package", PackageID=key, **named, **content)
        for program in package["programs"]:
            if program["deploy"]:
                self._site.add(
                    "packageDeployments",
                    _class="SMS_Advertisement",
                    AdvertisementID=f"PS1{program['id'][:5].upper()}",
                    AdvertisementName=program["name"],
                    PackageID=key,
                    ProgramName=program["name"],
                    CollectionID=self._collection["CollectionID"],
                    Comment=program["deployment"]["parameters"]["Comment"],
                )

    def _item(self, table: str, class_: str, parameters: Mapping[str, Any], key: str) -> dict[str, Any]:
        number = int(key[:6], 16)
        named = {"LocalizedDisplayName": parameters["Name"], "LocalizedDescription": parameters["Description"]}
        ids = {"CI_ID": number, "ModelName": key, "PackageID": f"PS1{key[:5].upper()}"}
        return self._site.add(table, _class=class_, **ids, **named, SourceVersion=1, _groups=[GROUP])

    def _assignment(self, table: str, class_: str, item: Mapping[str, Any], **more: object) -> None:
        self._site.add(
            table,
            _class=class_,
            AssignmentID=item["CI_ID"] + 1,
            AssignmentUniqueID=f"{{{item['ModelName']}}}",
            AssignmentName=f"{item['LocalizedDisplayName']}_{self._collection['Name']}",
            AssignedCIs=[item["CI_ID"]],
            TargetCollectionID=self._collection["CollectionID"],
            CollectionName=self._collection["Name"],
            **more,
        )
