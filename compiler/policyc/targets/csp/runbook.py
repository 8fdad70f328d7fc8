"""README.md of a collection's folder for CSPs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from policyc.kinds import kind_of
from policyc.model import Collection, Operator, Project, of_registry
from policyc.powershell import literal
from policyc.targets.csp.bodies import assignments
from policyc.targets.csp.nodes import PRODUCT, Value
from policyc.targets.csp.profile import Blob, Said, blob, monitored, unsaid, way_back
from policyc.targets.tenant import remediates
from policyc.targets.text import code, markdown
from policyc.vocabularies.codes import code_sources


def runbook(project: Project, collection: Collection, said: Sequence[Said]) -> bytes:
    """The page as UTF-8 Markdown."""
    return ("\n".join(_lines(project, collection, said)) + "\n").encode("utf-8", "backslashreplace")


def _lines(project: Project, collection: Collection, said: Sequence[Said]) -> Iterator[str]:
    text = _phrases()
    package = blob(collection)
    yield f"# {markdown(collection.name)}: CSP"
    made = f"Made by policyc from {code(collection.origin.file)} ({markdown(project.name)})"
    yield from ("", f"{made}. Change that, not this folder.")
    yield from ("", "## Nodes", "", *_nodes(said, package))
    left = list(unsaid(collection))
    if left:
        yield from ("", "### Left out", "")
        yield from (f"- `{one.setting.id}` ({markdown(one.setting.title)}): {markdown(one.reason)}" for one in left)
    if said or package is not None:
        yield from ("", "## Upload", "", text["Upload"])
    if package is not None or any(one.node.sensor for one in said):
        yield from ("", "## Sensor: one of two", "", text["Sensor"])
    if package is not None:
        yield from ("", "### The tenant's file", "", text["Reference"], "", *_fill_in(collection, package))
    yield from ("", "## Assignments", "", *_assignments(collection))
    yield from ("", "## Monitoring", "", text["Monitoring"], "", *_codes())
    onboarded = monitored(collection)
    if onboarded is not None:
        yield from ("", "### Whether the sensor reports", "", *_health(onboarded=onboarded), "", text["Health"])
    yield from ("", "## Way back", "", *_way_back(said, package))


def _nodes(said: Sequence[Said], package: Blob | None) -> Iterator[str]:
    if package is None and not said:
        yield "No node is set."
        return
    yield from ("| Setting | Node | Set to | Remarks |", "|---|---|---|---|")
    if package is not None:
        yield f"| the product's package | {_cell(package.uri)} | the content of {_cell(package.file)} | |"
    for one in said:
        yield f"| `{one.setting.id}` | {_cell(one.node.uri)} | {_shown(one)} | {'; '.join(_remarks(one))} |"


def _cell(text: str) -> str:
    """Text of ours or of a policy in a cell, shown as it is."""
    return markdown(text)


def _shown(one: Said) -> str:
    return "(sensitive)" if one.setting.sensitive else _cell(_said(one.value))


def _said(value: Value) -> str:
    return "(empty)" if value == "" else str(value)


def _remarks(one: Said) -> Iterator[str]:
    subject = of_registry(one.setting)
    if subject.condition.operator is not Operator.EQUALS:
        must = kind_of(subject).must(subject, masked=one.setting.sensitive)
        yield f"the policy asks for less ({markdown(must)}), and what a remediation would write is set, whatever is there"
    if one.node.since is not None:
        yield f"Windows 10 {one.node.since} and later"
    if one.node.uri.endswith("/TelemetryReportingFrequency"):
        yield "not in the policy for endpoint detection and response"


def _fill_in(collection: Collection, package: Blob) -> Iterator[str]:
    data = literal(f"C:\\Secret\\{package.file}")
    files = ["profile.json", "policy.json"] if package.offboards else ["profile.json"]
    yield "```powershell"
    for file in files:
        copy = f"-DataFile {data} -Destination C:\\Secret\\{collection.slug}-{file}"
        yield f"..\\..\\_project\\csp\\fill-in.ps1 -Template sensor\\{file} {copy}"
    yield "```"
    if not package.offboards:
        yield from (
            "",
            "`policy.json` needs no file: it asks the tenant's connector to Microsoft Defender for Endpoint, which must be on.",
        )


def _assignments(collection: Collection) -> Iterator[str]:
    of = collection.intune
    if of is None or not (of.groups or of.all_devices):
        yield "The policy names no groups (`intune: groups:`): whoever administers Intune assigns the profiles."
    elif assignments(collection) is None:
        assert not remediates(collection)  # noqa: S101 - what `assignments` says
        yield (
            "Nothing is to be changed yet (audit mode, or `remediate: false`), and a profile can only change: "
            "no file assigns these. A person may assign `monitoring/profile.json`, where there is one."
        )
    else:
        yield from ["- All devices"] if of.all_devices else []
        yield from (f"- Group `{group}`" for group in of.groups)
        yield from (f"- Not group `{group}`" for group in of.excluded_groups)


def _codes() -> Iterator[str]:
    yield from ("| Code | As the portal shows it | Means | What to do |", "|---|---|---|---|")
    for one in code_sources()["MDM"].codes:
        shown = one.code - 2**32 if one.code >= 2**31 else one.code
        yield f"| {one.text} | {shown} | {markdown(one.meaning)} | {markdown(one.action)} |"


def _health(*, onboarded: bool) -> Iterator[str]:
    right = ("true", "1", "the tenant's own id") if onboarded else ("false", "0", "of no account")
    yield from ("| Node | Right |", "|---|---|")
    for name, value in zip(("SenseIsRunning", "OnboardingState", "OrgId"), right, strict=True):
        yield f"| {PRODUCT}/HealthState/{name} | {value} |"
    yield f"| {PRODUCT}/HealthState/LastConnected | {'the time of the last report' if onboarded else 'of no account'} |"


def _way_back(said: Sequence[Said], package: Blob | None) -> Iterator[str]:
    text = _phrases()
    parts = []
    if any(way_back(said)):
        parts.append(text["Permanent"])
    if any(not one.node.permanent for one in said):
        parts.append(text["Removed"])
    if package is not None:
        parts.append(text["Offboarded" if package.offboards else "Onboarded"])
    yield "\n\n".join(parts) or "These files change nothing on a device."


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, str]:
    parts = (Path(__file__).parent / "phrases.md").read_text(encoding="utf-8").split("\n## ")[1:]
    return {heading: text.strip() for heading, _, text in (part.partition("\n") for part in parts)}
