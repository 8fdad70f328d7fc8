"""PC20xx: what a policy asks for and Intune doesn't take."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, error, note
from policyc.kinds import by_program
from policyc.model import INTUNE, Collection, Location, Project, Signing
from policyc.targets.intune.bodies import rules
from policyc.targets.intune.limits import PACKAGES, RULES, RULES_BYTES, SCRIPT_BYTES
from policyc.targets.intune.making import compliance_settings
from policyc.targets.intune.remediations import BUDGET, has_own_script, packages_of, too_long
from policyc.targets.layout import layout
from policyc.targets.refusal import Refusal
from policyc.targets.tenant import only_servers, servers_left_out


def refusals(collection: Collection) -> Iterator[Refusal]:
    """What Remediations can't have of a collection."""
    if only_servers(collection):
        yield Refusal(
            "",
            "Intune manages no Windows Server, and all of the collection's platforms are servers",
            "let the collection go by configmgr, or add a platform of workstations",
            collection.origin.below("collection", "platforms"),
        )
        return
    for package in collection.packages:
        yield Refusal(
            package.id,
            "a Remediation has no files beside its scripts, so it can't bring the vendor's script along",
            f"let Intune's own policy for endpoint detection and response {package.action.value} the device "
            "and take 'package' out, or let the collection go by configmgr too",
            package.origin,
        )
    for setting in collection.settings:
        if has_own_script(setting):
            yield Refusal(
                setting.id,
                "a Remediation has no files beside its scripts, and none of ours ever holds an administrator's own",
                "upload that script as a Remediation of its own, or let the collection go by configmgr too",
                setting.origin.below(setting.subject.word),
            )
        elif size := too_long(collection, setting):
            yield Refusal(
                setting.id,
                f"it alone makes a script of {size:,} bytes, and {BUDGET:,} are taken "
                f"(Intune refuses more than {SCRIPT_BYTES:,}, and a signature needs room)",
                "shorten its data, say it with a shorter condition such as 'matches', or split it",
                setting.origin.below(setting.subject.word),
            )


def check(project: Project) -> Iterator[Diagnostic]:
    """Numbers that are too large, and what may take longer than Intune waits."""
    yield from servers_left_out(project, INTUNE)
    count = packages_of(project)
    if count > PACKAGES:
        yield error(
            "PC2003",
            f"these policies make {count} script packages, and an Intune tenant has room for {PACKAGES}",
            project.origin.below("targets"),
            help="join collections, or let some of them go by configmgr alone ('targets:' in their files)",
        )
    told: set[Location] = set()
    yield from _layout(project)
    for collection in project.collections:
        yield from _compliance(collection)
        for setting in collection.settings:
            place = setting.origin.below(setting.subject.word)
            if by_program(setting) and not has_own_script(setting) and place not in told:
                told.add(place)
                yield note(
                    "PC2006",
                    f"how long changing '{setting.id}' takes isn't bounded, and Microsoft doesn't say after what time "
                    "Intune ends a remediation script",
                    place,
                    help="try it on one device first: a change that is cut off is finished or told by the next run",
                )


def _layout(project: Project) -> Iterator[Diagnostic]:
    """PC2008: signed scripts, brought by a tool that reads them as text."""
    copied = [one for one in project.collections if one.intune is not None and one.intune.layout is not None]
    if copied and project.signing is Signing.REQUIRED:
        yield error(
            "PC2008",
            f"IntuneCD would bring '{copied[0].name}' to the tenant, and the project requires signed scripts: it reads scripts "
            "as text and sends their lines with other ends, which no signature outlives",
            copied[0].origin.below("collection", "name"),
            help="take 'layout' out of 'intune', and bring the signed output to the tenant with deploy-intune.ps1",
        )


def _compliance(collection: Collection) -> Iterator[Diagnostic]:
    judged = compliance_settings(collection)
    if not judged or collection.intune is None:
        return
    size = len(layout(rules(collection, judged)))
    if len(judged) > RULES or size > RULES_BYTES:
        yield error(
            "PC2007",
            f"custom compliance of '{collection.name}' has {len(judged)} rules of {size:,} bytes together, and Intune takes "
            f"{RULES} rules of {RULES_BYTES:,} bytes",
            collection.origin.below("collection", "name"),
            help="take 'more_info' out, which asks for custom compliance, or split the collection",
        )
