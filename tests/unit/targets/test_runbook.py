"""The runbook: the sections that apply, and no others; every step of the console; nothing of a policy read as markup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from importlib.resources import files as folder_of
from typing import Any

import pytest
import yaml

from policyc.artifacts import Build
from policyc.kinds import KINDS, OTHERS
from policyc.model import (
    Append,
    Change,
    Collection,
    Condition,
    CreateKey,
    Data,
    DeleteValue,
    Deployment,
    ExecutionPolicy,
    Exemption,
    Hive,
    Interval,
    Kind,
    Layer,
    Location,
    MaintenanceWindow,
    Members,
    Mode,
    Operator,
    Platform,
    Purpose,
    Rerun,
    Setting,
    SetValue,
    Signing,
    Span,
)
from policyc.powershell.monitor_script import monitor_script
from policyc.powershell.site_scripts import deploy_script
from policyc.targets.configmgr import ConfigMgr, exit_codes, limits
from policyc.targets.configmgr.runbook.phrases import phrases, topics
from policyc.targets.configmgr.runbook.settings import setting_lines
from policyc.vocabularies import NAMES
from registry_settings import altered
from unit.kinds.lamps import Lamp, LampKind, Socket
from unit.targets.samples import (
    APPLICATION,
    COLLECTION,
    OFFBOARDING,
    ONBOARDING,
    ORIGIN,
    POLICY,
    PROJECT,
    REPORTED,
    SETTING,
    STATE,
    deployment,
    files,
)

ONBOARDED = replace(COLLECTION, packages=(ONBOARDING,), vocabulary_states=(("defender_atp", "onboarded"),), mode=Mode.AUDIT)
"""In audit mode, so that nothing but the package is made."""
OFFBOARDED = replace(ONBOARDED, packages=(OFFBOARDING,), vocabulary_states=(("defender_atp", "offboarded"),))
BUILT_IN = replace(ONBOARDED, packages=(POLICY,))
AS_APPLICATION = replace(ONBOARDED, packages=(APPLICATION,), settings=(STATE,))
ENFORCED = replace(COLLECTION, settings=(SETTING, REPORTED))
NATIVE = altered(REPORTED, condition=Condition(Operator.EQUALS, (1,)), default=None)
LOOKED_AT = replace(COLLECTION, settings=(REPORTED,), mode=Mode.AUDIT)


def page(collection: Collection, **project: object) -> str:
    given = replace(PROJECT, **project)  # type: ignore[arg-type]
    return files(given, collection)["README.md"].decode()


def common(**project: object) -> str:
    """The page of the project: what holds for all its collections."""
    given = replace(PROJECT, **project)  # type: ignore[arg-type]
    pages = {artifact.path: artifact.content for artifact in ConfigMgr().project_artifacts(given, Build())}
    return pages["README.md"].decode()


def headings(text: str, level: int = 2) -> list[str]:
    start = "#" * level + " "
    return [line.removeprefix(start) for line in text.splitlines() if line.startswith(start)]


def by_hand(text: str) -> list[str]:
    return headings(text.partition("\n## The same by hand\n")[2].partition("\n## ")[0], 3)


BEFORE = ["The collection", "Before you start", "Get the vendor's files"]


@pytest.mark.parametrize(
    ("collection", "expected"),
    [
        (replace(COLLECTION, mode=Mode.AUDIT), ["The collection", "Deploy"]),
        (
            LOOKED_AT,
            [
                "The collection",
                "Deploy",
                "The same by hand",
                "Settings",
                "Monitor",
                "Log",
            ],
        ),
        (
            replace(LOOKED_AT, settings=(replace(NATIVE, native=True),)),
            ["The collection", "Deploy", "The same by hand", "Settings", "Monitor", "Log"],
        ),
        (ONBOARDED, [*BEFORE, "Deploy", "The same by hand", "Monitor", "Log"]),
        (OFFBOARDED, [*BEFORE, "Deploy", "The same by hand", "Monitor", "Log"]),
        (BUILT_IN, [*BEFORE, "Deploy", "The same by hand", "Monitor"]),
        (replace(ONBOARDED, packages=()), ["The collection", "Before you start", "No package", "Deploy"]),
    ],
)
def test_only_the_sections_that_apply(collection: Collection, expected: list[str]) -> None:
    assert headings(page(collection)) == expected


@pytest.mark.parametrize(
    ("collection", "expected"),
    [
        (LOOKED_AT, ["Configuration items and baseline"]),
        (ENFORCED, ["Configuration items and baseline", "Settings package"]),
        (replace(LOOKED_AT, members=Members(devices=("PC-1",))), ["Collection", "Configuration items and baseline"]),
        (replace(COLLECTION, members=Members(devices=("PC-1",)), mode=Mode.AUDIT), ["Collection"]),
        (ONBOARDED, ["Onboarding package"]),
        (OFFBOARDED, ["Offboarding package"]),
        (BUILT_IN, ["Onboarding policy"]),
        (AS_APPLICATION, ["Onboarding application", "Configuration items and baseline"]),
    ],
)
def test_what_is_done_by_hand(collection: Collection, expected: list[str]) -> None:
    assert by_hand(page(collection)) == expected


def test_the_first_way_is_the_deployment_script() -> None:
    text = page(replace(ENFORCED, name="it's $x"))
    command = r".\deploy.ps1 -Collection pilot-workstations"
    assert f"\n```powershell\n{command} -WhatIf\n{command}\n```\n" in text
    assert "\n.\\monitor.ps1 -Collection pilot-workstations -As Table\n" in text
    assert "\n.\\deploy.ps1 -RollBack pilot-workstations -Device PC-0001, PC-0002 -WhatIf\n" in text
    assert "\n.\\deploy.ps1 -Retire pilot-workstations -WhatIf\n" in text
    assert text.index("## Deploy") < text.index("## The same by hand")
    assert "with `-Prune`" in common()


def test_how_long_an_offboarding_waits() -> None:
    line = "- Wait between the end of a device's onboarding and its offboarding: "
    assert f"{line}12 hours\n" in page(OFFBOARDED, offboarding_wait=Span(12, Interval.HOURS))
    assert f"{line}1 day\n" in page(OFFBOARDED)
    assert line not in page(ONBOARDED)


def test_every_parameter_that_is_named_is_one_of_the_script() -> None:
    """The runbook speaks of deploy.ps1 and monitor.ps1, which are made elsewhere."""
    declared = re.compile(r"^    \[.*?\] \$(\w+)", re.MULTILINE)
    known = {}
    for name, content in (("deploy.ps1", deploy_script()), ("monitor.ps1", monitor_script())):
        block = content.decode("ascii").partition("\nparam(")[2].partition("\n)")[0]
        known[name] = set(declared.findall(block))
    text = page(ENFORCED) + common()
    for name, parameters in known.items():
        for line in re.findall(rf"^\.\\{name} .*", text, re.MULTILINE):
            assert set(re.findall(r" -(\w+)", line)) <= parameters | {"WhatIf"}
    assert {"Prune", "Adopt", "AcceptHandMadeRules", "Phase", "Collection"} <= known["deploy.ps1"]
    assert {"Path", "As"} <= known["monitor.ps1"]


NIGHT = MaintenanceWindow(
    "Night | *1*",
    datetime(2026, 12, 5, 22),  # noqa: DTZ001
    Span(4, Interval.HOURS),
    Span(7, Interval.DAYS),
)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"phase": 2}, "- Phase: 2"),
        ({"start": datetime(2026, 12, 1, 20)}, "- Start: 2026-12-01T20:00:00, each device's own time"),  # noqa: DTZ001
        ({"start": datetime(2026, 12, 1, 20), "utc": True}, "- Start: 2026-12-01T20:00:00, UTC"),  # noqa: DTZ001
        ({"purpose": Purpose.AVAILABLE}, "- Purpose of packages and applications: Available"),
        ({"rerun": Rerun.ALWAYS}, "- A program that has run runs again when its assignment recurs: always"),
        ({"outside_maintenance_windows": True}, "- Remediation and programs also run outside maintenance windows"),
        (
            {"maintenance_windows": (NIGHT,)},
            r"  - Night \| \*1\*: from 2026-12-05T22:00:00 (each device's own time) for 4 hours, again every 7 days",
        ),
        ({"co_managed": True}, "- Always apply this baseline even for co-managed clients: on"),
        ({"distribution_point_groups": ("All", "B_")}, r"- Distribution point groups: All, B\_"),
        ({"folder": "policyc/Pilot"}, "- Console folder: policyc/Pilot"),
        ({"security_scopes": ("Workstations",)}, "- Security scopes: Workstations"),
    ],
)
def test_what_the_policy_says_of_the_deployments(changes: dict[str, object], line: str) -> None:
    said = replace(ENFORCED, deployment=Deployment(**changes))  # type: ignore[arg-type]
    assert line in page(said).splitlines()
    assert line not in page(ENFORCED).splitlines()
    assert "What the policy says of the deployments" not in page(ENFORCED)


def test_where_the_content_is_kept() -> None:
    text = page(ENFORCED, content_source=r"\\files\policyc")
    assert r"- Content source: a folder for the collection below `\\files\policyc`" in text


def test_a_package_is_made_of_its_definition() -> None:
    text = page(ONBOARDED)
    assert "Create Package from Definition" in common()
    assert "Definition file: `packages/onboarding/onboarding.sms`. `packages/onboarding/package.txt` has " in text
    assert "- Properties of each program, Advanced: Suppress program notifications: on." in common()
    assert "\n| Deploy Software Wizard | Onboard |\n" in text
    assert "\n| Purpose | Required |\n" in text
    assert "\n| Rerun behavior | Rerun if failed previous attempt |\n" in text
    assert "| 105 | failure | The vendor's script ended with 5: " in text
    assert text.count("\n### Exit codes of ") == 1
    # Those of the launcher are the same for every script.
    own = {entry.code for entry in (*exit_codes.LAUNCHER.values(), *exit_codes.COMMAND_FILE)}
    of_the_script = text.partition("\n### Exit codes of ")[2]
    assert [code for code in own if f"\n| {code} | " in of_the_script] == []
    assert [code for code in own if f"\n| {code} | " not in common()] == []
    assert "| 1618 | the client tries again | " in common()


def test_the_programs_of_a_package_share_a_table() -> None:
    text = page(ENFORCED)
    assert "\n| Deploy Software Wizard | Remediate | Roll back what left | Roll back |\n|---|---|---|---|\n" in text
    assert "\n| Rerun behavior | Rerun if failed previous attempt | Always rerun program | Always rerun program |\n" in text
    assert "### Exit codes" not in text
    assert "\n### Exit codes of Remediate, Roll back what left, Roll back\n" in common()
    assert [one.code for one in exit_codes.SETTINGS if f"\n| {one.code} | " not in common()] == []


def test_every_attribute_of_the_program_is_in_its_text() -> None:
    text = files(PROJECT, ONBOARDED)["packages/onboarding/package.txt"].decode()
    for row in (
        "Name: Onboarding - Pilot workstations",
        "Command line: cmd.exe /d /c run.cmd",
        "Run: Hidden",
        "Program can run: Whether or not a user is logged on",
        "Run mode: Run with administrative rights",
        "Drive mode: Runs with UNC name",
        "Maximum allowed run time (minutes): 15",
        "General: After running: No action required",
        "Advanced: Suppress program notifications: on",
        "Purpose: Required",
        "Rerun behavior: Rerun if failed previous attempt",
    ):
        assert f"\n  {row}\n" in text


def test_an_application_is_detected_by_its_script() -> None:
    text = page(AS_APPLICATION)
    for row in (
        "| Name | Onboarding - Pilot workstations |",
        "| Detection method | Use a custom script: PowerShell, opened from applications/onboarding/detection.ps1 |",
        "| Installation program | cmd.exe /d /c run.cmd |",
        "| Installation behavior | Install for system |",
        "| Action | Install |",
    ):
        assert row in text
    assert r"Copy-Item -Path '.\applications\onboarding\source\*' -Destination $contentSource" in text
    assert "`AppDiscovery.log`" in common()


@pytest.mark.parametrize(
    ("settings", "rows"),
    [
        ((), []),
        (
            (("sample_collection", "all"), ("reporting_frequency", "expedite")),
            ["| File samples | All |", "| Telemetry reporting frequency | Expedited |"],
        ),
    ],
)
def test_the_built_in_policy_field_by_field(settings: tuple[tuple[str, str], ...], rows: list[str]) -> None:
    text = page(replace(BUILT_IN, packages=(replace(POLICY, built_in_settings=settings),)))
    assert "| Name | Onboarding - Pilot workstations |\n| Type | Onboarding |\n" in text
    assert "| Configuration file | WindowsDefenderATP.onboarding |" in text
    assert "| Collection | Pilot workstations |" in text
    for title in ("File samples", "Telemetry reporting frequency"):
        assert (f"| {title} |" in text) == any(row.startswith(f"| {title} |") for row in rows)
    assert all(row in text for row in rows)
    assert "## Get the vendor's files" in text
    assert "- Onboarding: `WindowsDefenderATP.onboarding`" in text


def test_the_script_is_staged_beside_the_launcher() -> None:
    text = page(ONBOARDED)
    assert (
        r"Copy-Item -LiteralPath (Join-Path 'FileSystem::\\files.example.com\packages\defender-atp\onboarding' "
        "'WindowsDefenderATPOnboardingScript.cmd') -Destination $contentSource"
    ) in text
    assert "It then holds `launch.ps1`, `run.cmd` and `WindowsDefenderATPOnboardingScript.cmd`, and nothing else." in text


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (None, "Copy-Item -LiteralPath (Join-Path ('FileSystem::' + (Read-Host 'Folder that holds the script')) 'Win"),
        (
            r"packages\onboarding",
            r"(Read-Host 'Folder that holds the script (the policy says ''packages\onboarding'', relative to the policies",
        ),
        (
            r"C:\in",
            "Copy-Item -LiteralPath (Join-Path 'C:\\in' 'WindowsDefenderATPOnboardingScript.cmd') -Destination $contentSource",
        ),
        (r"C:\in\package.ZIP", r"Expand-Archive -LiteralPath 'C:\in\package.ZIP' -DestinationPath $extracted"),
        (
            "in/package.zip",
            "Expand-Archive -LiteralPath (Read-Host 'The .zip that holds the script (the policy says ''in/package.zip'', ",
        ),
        (
            r"\\files\in\it's.cmd",
            r"Copy-Item -LiteralPath 'FileSystem::\\files\in\it''s.cmd' -Destination (Join-Path $contentSource ",
        ),
        (
            r"..\in\it's.cmd",
            r"Copy-Item -LiteralPath ('FileSystem::' + (Read-Host 'The script (the policy says ''..\in\it''s.cmd'', relative ",
        ),
    ],
)
def test_where_the_script_comes_from(source: str | None, line: str) -> None:
    text = page(replace(ONBOARDED, packages=(replace(ONBOARDING, source=source),)))
    assert line in text
    assert ("  - The policy names no `source`." in text) == (source is None)
    assert (", relative to the policies folder\n" in text) == (source is not None and source[1] != ":" and source[0] != "\\")


BOTH = replace(ONBOARDED, mode=Mode.ENFORCE, settings=(SETTING,))
"""The vendor's package and that of the settings."""


def test_each_package_has_a_content_source_of_its_own() -> None:
    text = page(BOTH, content_source=r"\\files\it's")
    made = deployment(replace(PROJECT, content_source=r"\\files\it's"), BOTH)
    assert [package["content"]["source"] for package in made["packages"]] == [
        r"\\files\it's\pilot-workstations\onboarding",
        r"\\files\it's\pilot-workstations\settings",
    ]
    for key in ("onboarding", "settings"):
        assert rf"$contentSource = 'FileSystem::\\files\it''s\pilot-workstations\{key}'" in text
    assert "Read-Host" not in text


def test_without_a_known_content_source_each_package_asks_for_its_own() -> None:
    text = page(BOTH)
    for key in ("onboarding", "settings"):
        assert f"Read-Host 'UNC path of an own folder of this package, {key}')" in text
    assert deployment(PROJECT, BOTH)["packages"][0]["content"]["source"] is None
    known = files(replace(PROJECT, content_source=r"\\files\policyc"), BOTH)["packages/onboarding/package.txt"].decode()
    assert r"source files: on: \\files\policyc\pilot-workstations\onboarding" in known


def test_the_hash_is_shown_beside_the_expected_one() -> None:
    text = page(replace(ONBOARDED, packages=(replace(ONBOARDING, sha256="ab" * 32),)))
    assert f"'{'AB' * 32}' # what the policy asks for" in text
    assert "names no `sha256`" not in text


@pytest.mark.parametrize("policy", ExecutionPolicy)
def test_execution_policy(policy: ExecutionPolicy) -> None:
    assert f"asks for the execution policy {policy.value}" in common(execution_policy=policy)


def test_offboarding_says_when_it_ends_and_in_which_order_devices_move() -> None:
    text = page(OFFBOARDED)
    assert "| This deployment will expire | on: 2026-12-31 23:59, UTC |" in text
    assert "  - Last day: 2026-12-31 (UTC)" in text
    assert (
        text.index("Exclude this collection from every onboarding")
        < text.index("Wait until its client")
        < text.index("5. Offboard.")
    )
    assert "for up to 6 months" in text
    assert f"| {exit_codes.EXPIRED.code} | failure |" in common()


def test_cabinets_are_imported_and_the_baseline_deployed() -> None:
    text = page(ENFORCED)
    assert "| `compliance/settings/configuration-item.cab` | Pilot workstations: settings | 2 | yes |" in text
    assert "| `compliance/configuration-baseline.cab` | Pilot workstations | the items above | |" in text
    assert "Remediate noncompliant rules when supported: on." in text
    assert "Allow remediation outside the maintenance window: off." in text
    assert "- Schedule: every 1 day.\n" in text
    assert "Remediate noncompliant rules when supported: off. Nothing" in page(LOOKED_AT)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"remediate": False}, "- Remediate noncompliant rules when supported: off, as the policy says."),
        ({"outside_maintenance_windows": True}, "- Allow remediation outside the maintenance window: on."),
        ({"evaluate_every": Span(12, Interval.HOURS)}, "- Schedule: every 12 hours."),
        (
            {"start": datetime(2026, 12, 1, 20), "utc": True},  # noqa: DTZ001
            "- Schedule: every 1 day, from 2026-12-01T20:00:00 on (UTC).",
        ),
        ({"co_managed": True}, "- In the baseline's properties, always apply this baseline even for co-managed clients: on."),
    ],
)
def test_how_the_baseline_is_deployed(changes: dict[str, object], line: str) -> None:
    assert f"\n{line}" in page(replace(ENFORCED, deployment=Deployment(**changes)))  # type: ignore[arg-type]


def test_a_native_setting_says_what_it_lacks() -> None:
    text = page(replace(LOOKED_AT, settings=(replace(NATIVE, native=True),)))
    assert "severity warning, reported, never changed, judged by ConfigMgr itself" in text


def test_membership() -> None:
    members = Members("select `*`\nfrom ```SMS_R_System", ("PC-1", "PC-2"), ("IT | department",), ("Off",))
    text = page(replace(COLLECTION, id="PS10001F", limited_to="All Systems", members=members, mode=Mode.AUDIT))
    assert "- CollectionID: `PS10001F`\n- Limiting collection: All Systems\n- Mode: audit." in text
    assert "  - Query:\n\n    ````\n    select `*`\n    from ```SMS_R_System\n    ````\n\n  - Direct: PC-1, PC-2\n" in text
    assert "  - Include: IT \\| department\n  - Exclude: Off\n" in text


def test_the_devices_that_items_are_about() -> None:
    other = "; on other devices the configuration items count as compliant\n"
    both = replace(ENFORCED, platforms=(Platform.WINDOWS_10, Platform.SERVER_2019))
    assert f"- Platforms: Windows 10 and later, Windows Server 2019 and later{other}" in page(both)
    assert "- Platforms: every Windows that the site knows\n" in page(replace(ENFORCED, platforms=(Platform.ALL,)))
    assert f"- Platforms: Windows 10 and later{other}" in page(ENFORCED)
    assert "- Platforms: " not in page(ONBOARDED)
    for platform in Platform:
        assert "\n- Platforms: " in page(replace(ENFORCED, platforms=(platform,)))


EXEMPTION = Exemption(
    ("lan-manager-level", "smb"), "Scanners | speak\nnothing *newer*", "Print services", date(2026, 12, 31), ORIGIN, "CHG-1_"
)


def test_exceptions_are_told_with_who_answers_for_them() -> None:
    text = page(replace(ENFORCED, exemptions=(EXEMPTION, replace(EXEMPTION, settings=("b",), ticket=None))))
    assert (
        "\n- `lan-manager-level`, `smb`\n  - Last day: 2026-12-31 (UTC)\n  - Owner: Print services\n  - Ticket: CHG-1\\_\n"
        "  - Reason: Scanners \\| speak nothing \\*newer\\*\n- `b`\n"
    ) in text
    assert headings(text).index("Exceptions") == headings(text).index("The collection") + 1
    assert text.count("  - Ticket: ") == 1
    assert "stays on the devices until the program Roll back what left runs there" in text
    # In audit mode there is no such program.
    assert "Roll back what left" not in page(replace(LOOKED_AT, exemptions=(EXEMPTION,)))
    assert "## Exceptions" not in page(ENFORCED)


@pytest.mark.parametrize(
    ("signing", "sentence"),
    [
        (Signing.REQUIRED, "The project asks for signed scripts. `policyc sign` writes a second folder (`signed/` by default)"),
        (Signing.NONE, "The project asks for no signatures"),
        (None, "Scripts must be signed where the client settings' PowerShell execution policy is All Signed (the default)"),
    ],
)
def test_signed_scripts_come_from_policyc_sign(signing: Signing | None, sentence: str) -> None:
    texts = [common(signing=signing, execution_policy=policy) for policy in ExecutionPolicy]
    for text in texts:
        assert f"\n## Signing\n\n{sentence}" in text
        assert "`policyc sign`" in text
        assert "sign the `.ps1`" not in text


def test_what_is_alike_stands_once() -> None:
    """No paragraph of the project's page comes again in a collection's, and no two collections share what is long."""
    alike = {part for part in common().split("\n\n") if len(part) > 100}
    pages = [page(one) for one in (ENFORCED, LOOKED_AT, BOTH, AS_APPLICATION, BUILT_IN, OFFBOARDED)]
    for text in pages:
        assert "](../README.md" in text
        assert not alike & set(text.split("\n\n"))


FROM_BASELINE = replace(SETTING, id="from-baseline", origin=Location("baselines/logging.yaml"), layer=Layer(("Logging",)))


def test_a_baselines_settings_stand_in_its_own_file() -> None:
    changed = Layer(("Logging",), (Change("Pilot", ORIGIN, "Old printers", (("at_least", "5"),)),))
    collection = replace(ENFORCED, settings=(SETTING, FROM_BASELINE, replace(FROM_BASELINE, id="changed", layer=changed)))
    text = page(collection)
    told = "As the baseline Logging has them, in `baselines/logging.yaml`; `resolved.yaml` has all of each:"
    assert f"{told}\n\n- `from-baseline`: Only NTLMv2" in text
    # What the collection says otherwise is its own.
    assert text.count("\n  - Place: ") == 2
    assert "- `changed`: Only NTLMv2 is sent, LM and NTLM are refused\n  - Place: " in text
    assert "overridden by Pilot: Old printers" in text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "- The collection has to be there: the policy doesn't say its members"),
        ({"id": "PS10001F"}, "- The collection has to be there: the policy doesn't say its members"),
        ({"members": Members()}, "- It makes the collection too, with the rules above"),
        ({"members": Members(), "id": "PS10001F"}, "- The collection has to be there: the policy says its CollectionID."),
    ],
)
def test_who_makes_the_collection(changes: dict[str, Any], sentence: str) -> None:
    text = page(replace(ENFORCED, **changes))
    assert f"\n{sentence}" in text
    assert ("`-Adopt 'NAME'`" in text) == ("members" in changes)
    windows = page(replace(ENFORCED, deployment=Deployment(maintenance_windows=(NIGHT,)), **changes))
    for kept in (windows, page(replace(OFFBOARDED, **changes))):
        assert (phrases()["Collection left, with a mark"] in kept) == ("members" not in changes)
    assert "Create Device Collection" in text or sentence.startswith("- The collection has")


def test_the_collection_by_hand() -> None:
    made = replace(
        ENFORCED,
        name="IT | x",
        members=Members(devices=("PC-1",)),
        limited_to="All",
        deployment=Deployment(maintenance_windows=(NIGHT,)),
    )
    text = page(made)
    assert (
        "Create Device Collection:\n\n- Name: IT \\| x\n- Limiting collection: All\n- Membership rules: those above.\n" in text
    )
    window = "- Night \\| \\*1\\*: from 2026-12-05T22:00:00 (each device's own time) for 4 hours, again every 7 days\n"
    assert f"Maintenance Windows, New, for each, with All deployments:\n\n{window}" in text
    assert "- Limiting collection: the policy names none\n" in page(replace(made, limited_to=None))
    there = page(replace(made, id="PS10001F"))
    assert "the collection's Properties, Membership Rules: those above, and no others.\n" in there
    assert "Create Device Collection" not in there
    windows_only = page(replace(made, members=None))
    assert f"### Collection\n\n{phrases()['Maintenance windows']}\n\n{window}" in windows_only


@pytest.mark.parametrize(
    ("collection", "purpose", "description"),
    [
        (ENFORCED, "The baseline remediates by itself.", "Remediation and rollback of the settings, as programs"),
        (
            replace(ENFORCED, deployment=Deployment(remediate=False)),
            "The baseline only reports, as the policy says.",
            "Remediation and rollback of the settings, as programs",
        ),
        (replace(ENFORCED, settings=(REPORTED,)), "The policy writes no setting.", "Rollback of the settings, as programs"),
    ],
)
def test_the_settings_package_is_what_it_has(collection: Collection, purpose: str, description: str) -> None:
    assert f"### Settings package\n\n{purpose}" in page(collection)
    [package] = deployment(PROJECT, collection)["packages"]
    assert package["parameters"]["Description"].startswith(f"{description} [policyc:")
    assert f"\r\nComment={description}\r\n".encode() in files(PROJECT, collection)["packages/settings/settings.sms"]


def test_every_phrase_is_said_by_some_runbook(monkeypatch: pytest.MonkeyPatch) -> None:
    for kinds in (KINDS, OTHERS):
        monkeypatch.setitem(kinds, "lamp", LampKind())
    variants = [replace(COLLECTION, mode=Mode.AUDIT), LOOKED_AT, ENFORCED, BUILT_IN, AS_APPLICATION, OFFBOARDED]
    variants += [replace(ONBOARDED, packages=()), replace(ENFORCED, settings=(REPORTED,))]
    variants.append(replace(ENFORCED, members=Members(), deployment=Deployment(remediate=False, maintenance_windows=(NIGHT,))))
    variants.append(replace(ENFORCED, members=Members(), id="PS10001F", exemptions=(EXEMPTION,)))
    variants.append(replace(ENFORCED, deployment=Deployment(remediate_program=True)))
    variants.append(
        replace(ENFORCED, settings=(replace(SETTING, subject=Lamp(Socket("Desk"), "equals", 40, 40, dimmed=True)),))
    )
    texts = [page(one, execution_policy=policy) for one in (ONBOARDED, *variants) for policy in ExecutionPolicy]
    texts += [common(signing=signing) for signing in (*Signing, None)]
    texts += [common(execution_policy=policy) for policy in ExecutionPolicy]
    texts.append(common(targets=("configmgr", "csp", "intune")))
    said = {heading: phrase.format(longest=limits.SOURCE_PATH) for heading, phrase in phrases().items()}
    assert [heading for heading, phrase in said.items() if not any(phrase in text for text in texts)] == []


def lines(**changes: object) -> list[str]:
    return list(setting_lines(altered(SETTING, **changes)))


def test_a_setting_in_words() -> None:
    assert lines() == [
        "- `lan-manager-level`: Only NTLMv2 is sent, LM and NTLM are refused",
        r"  - Place: `HKLM\SYSTEM\CurrentControlSet\Control\Lsa : LmCompatibilityLevel`, dword",
        "  - Compliant where it is at least `5`; an absent value counts as `3`",
        "  - Remediation writes `5`",
        "  - Why: LM and NTLM answers can be cracked offline",
        "  - References: CIS 2.3.11.7",
    ]


@pytest.mark.parametrize(
    ("operator", "operands", "changes", "expected"),
    [
        (Operator.EQUALS, ("",), {"kind": Kind.STRING}, 'it equals `""`; an absent value fails'),
        (Operator.EQUALS, ((),), {"kind": Kind.MULTI_STRING}, "it equals the empty list; an absent value fails"),
        (Operator.EQUALS, (b"",), {"kind": Kind.BINARY}, "it equals no bytes; an absent value fails"),
        (
            Operator.EQUALS,
            (0,),
            {"default": 0, "pin": True},
            "it equals `0`; an absent value fails, even if the default would do",
        ),
        (Operator.NOT_EQUALS, (1,), {}, "it is not `1`; an absent value is compliant"),
        (Operator.BETWEEN, (1, 900), {}, "it is between `1` and `900`, both included; an absent value fails"),
        (Operator.ONE_OF, ("a", "b"), {"kind": Kind.STRING}, 'it is one of `"a"`, `"b"`; an absent value fails'),
        (Operator.CONTAINS, ("a",), {"kind": Kind.MULTI_STRING}, 'it holds `"a"`; an absent value fails'),
        (Operator.PRESENT, (), {}, "it is there"),
        (Operator.ABSENT, (), {}, "it is not there"),
    ],
)
def test_conditions(operator: Operator, operands: tuple[Data, ...], changes: dict[str, object], expected: str) -> None:
    given: dict[str, object] = {"condition": Condition(operator, operands), "default": None, **changes}
    assert lines(**given)[2] == f"  - Compliant where {expected}"


def test_case_is_said_where_it_counts() -> None:
    condition = Condition(Operator.EQUALS, ("x",), exact_case=True)
    assert "(upper and lower case differ)" in lines(condition=condition, kind=Kind.STRING, default=None)[2]
    assert "case" not in lines(condition=replace(condition, operands=(1,)), default=None)[2]


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (None, "Remediation: none, it is reported only"),
        (SetValue(("a", "")), 'Remediation writes `"a"`, `""`'),
        (Append(("a",)), 'Remediation appends what is missing of `"a"`'),
        (DeleteValue(), "Remediation deletes the value"),
        (CreateKey(), "Remediation creates the key"),
    ],
)
def test_writes(write: object, expected: str) -> None:
    assert lines(write=write)[3] == f"  - {expected}"


def test_sensitive_data_is_masked_everywhere() -> None:
    condition = Condition(Operator.ONE_OF, ("secret-1", "secret-2"))
    text = "\n".join(
        lines(condition=condition, kind=Kind.STRING, default="secret-3", write=SetValue("secret-4"), sensitive=True)
    )
    assert "secret" not in text
    assert text.count("(masked)") == 3


def test_long_data_is_cut() -> None:
    text = lines(condition=Condition(Operator.EQUALS, ("x" * 32000,)), kind=Kind.STRING, default=None)[2]
    assert "... (32000 characters)" in text
    assert len(text) < 400


def test_users_and_tags() -> None:
    text = lines(place=replace(SETTING.subject.place, hive=Hive.USER), clear_on_undo=True)
    assert text[1].endswith(", dword, of every user whose hive is loaded")
    assert text[3].endswith("rollback clears the data and keeps the value")


def test_policy_text_starts_no_heading_list_or_table() -> None:
    hostile = "# x\n## y | <b> **c** `d`\n- e"
    setting: Setting = replace(SETTING, title=hostile, why=hostile, references=(hostile,))
    enforced = replace(ONBOARDED, settings=(SETTING,), mode=Mode.ENFORCE)
    members = Members(include=(hostile,))
    collection = replace(enforced, name=hostile, limited_to=hostile, members=members, settings=(setting,))
    windows = (replace(NIGHT, name=hostile),)
    said = Deployment(
        start=NIGHT.start,
        maintenance_windows=windows,
        distribution_point_groups=(hostile,),
        folder=hostile,
        security_scopes=(hostile,),
    )
    text = page(replace(collection, deployment=said), publisher=hostile, name=hostile)
    plain = page(replace(enforced, deployment=replace(said, maintenance_windows=(NIGHT,), folder="x")))
    assert headings(text) == headings(plain)
    assert "<b>" not in text
    assert "**c**" not in text


def vocabularies() -> list[dict[str, Any]]:
    folder = folder_of("policyc.vocabularies")
    return [yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")) for name in NAMES]


def test_every_state_of_every_vocabulary_has_its_phrases() -> None:
    for vocabulary in vocabularies():
        for state in vocabulary["packages"]:
            found = topics(((vocabulary["name"], state),))
            assert {"Before", "Download", "Built-in policy", "Monitor"} <= set(found), (vocabulary["name"], state)
            for code in vocabulary["packages"][state]["exit_codes"]:
                assert f"| {code} " in found["Monitor"], (vocabulary["name"], state, code)


def test_codes_of_vocabularies_are_neither_ours_nor_special() -> None:
    own = {entry.code for entry in (*exit_codes.LAUNCHER.values(), *exit_codes.COMMAND_FILE, *exit_codes.SETTINGS)}
    special = limits.SUCCESS_CODES | limits.RESTART_CODES | limits.RETRY_CODES
    for vocabulary in vocabularies():
        launcher = vocabulary["launcher"]
        mapped = {
            code + launcher["exit_code_offset"] for package in vocabulary["packages"].values() for code in package["exit_codes"]
        }
        assert not (mapped | {launcher["other_exit_code"]}) & (own | special)
