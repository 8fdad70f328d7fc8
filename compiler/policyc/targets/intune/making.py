"""Everything that a collection gets for Intune, in files."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.artifacts import Build
from policyc.model import Collection, Project, Setting
from policyc.powershell.scripts import Script, collection_script, entry
from policyc.powershell.site_scripts import deploy_intune_script
from policyc.targets.intune.bodies import assignments, compliance_body, policy_body, remediation_body, rules
from policyc.targets.intune.intunecd import intunecd_files
from policyc.targets.intune.remediations import Remediation, remediations, scripts_of, taken
from policyc.targets.intune.runbook import runbook
from policyc.targets.intune.tenant import tenant_json
from policyc.targets.layout import layout

FOLDER = "intune"
COMPLIANCE = "compliance"
DEPLOY = "deploy-intune.ps1"


def project_files(project: Project, build: Build) -> Iterator[tuple[str, bytes]]:
    """(Path below the output folder, content) of what the tenant's administrator starts, and what it knows of the project."""
    yield "tenant.json", tenant_json(project)
    yield DEPLOY, build.sealed(DEPLOY, deploy_intune_script())


def collection_files(project: Project, collection: Collection, build: Build) -> Iterator[tuple[str, bytes]]:
    """(Path below the collection's folder, content) of all its files."""
    packages = remediations(collection)
    if not packages:
        return
    for one in packages:
        yield from _package(project, collection, one, build)
    judged = compliance_settings(collection)
    if judged:
        path = f"{FOLDER}/{COMPLIANCE}/discovery.ps1"
        script = collection_script(Script.INTUNE_COMPLIANCE, collection, [entry(setting) for setting in judged])
        sealed = build.sealed(f"{collection.slug}/{path}", script)
        yield path, sealed
        yield f"{FOLDER}/{COMPLIANCE}/script.json", layout(compliance_body(project, collection, sealed))
        asked = layout(rules(collection, judged))
        yield f"{FOLDER}/{COMPLIANCE}/rules.json", asked
        yield f"{FOLDER}/{COMPLIANCE}/policy.json", layout(policy_body(project, collection, asked))
    yield f"{FOLDER}/README.md", runbook(project, collection, packages, has_compliance=bool(judged))


def compliance_settings(collection: Collection) -> tuple[Setting, ...]:
    """What custom compliance judges: nothing where no page is named that it could send a user to."""
    return taken(collection) if collection.intune is not None and collection.intune.more_info is not None else ()


def _package(project: Project, collection: Collection, one: Remediation, build: Build) -> Iterator[tuple[str, bytes]]:
    folder = f"{FOLDER}/{one.key}"
    scripts = scripts_of(collection, one)
    sealed = {name: build.sealed(f"{collection.slug}/{folder}/{name}", content) for name, content in scripts.items()}
    for name, content in sealed.items():
        yield f"{folder}/{name}", content
    body = remediation_body(project, collection, one, list(sealed.values()))
    yield f"{folder}/remediation.json", layout(body)
    if collection.intune is not None and collection.intune.layout is not None:
        for path, content in intunecd_files(project, collection, one, body, sealed, build):
            yield f"{FOLDER}/{path}", content
    assigned = None if one.by_hand else assignments(collection)
    if assigned is not None:
        yield f"{folder}/assignments.json", layout(assigned)
