"""Packages and the built-in policy, step by step."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.model import Action, Collection, Project, ScriptPackage
from policyc.powershell import literal
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.package import Package
from policyc.targets.configmgr.package_data import Section, console_sections
from policyc.targets.configmgr.runbook.phrases import Topics, phrases
from policyc.targets.configmgr.text import code, markdown


def package_steps(project: Project, collection: Collection, package: Package, product: Topics) -> Iterator[str]:
    """The package around a vendor's script."""
    script = package.staged
    assert script is not None  # noqa: S101 - packages of settings have steps of their own
    kind = "Onboarding" if script.action is Action.ONBOARD else "Offboarding"
    yield from ("", f"## {kind} package", "")
    yield f"`packages/{package.id}/package.txt` has every value below to copy from, `package.json` the same as data."
    yield from ("", f"### 1. Get {markdown(script.script)}", "")
    yield product.get("Download", "Get it from the product's portal.")
    yield from ("", "### 2. Fill the content source", "")
    yield f"The content source is a folder that the site server reads by a UNC path of at most {limits.SOURCE_PATH} characters,"
    yield "and that users can't write to. In PowerShell, in this folder:"
    yield from ("", "```powershell", *_staging(package, script), "```", "")
    yield f"It then holds {', '.join(f'`{name}`' for name in package.content)} and {code(script.script)}, and nothing else."
    if script.sha256 is None:
        yield "The policy names no `sha256`; with one, the launcher runs no other script."
    yield phrases()[project.execution_policy.value]
    yield from _wizards(collection, package)


def settings_package_steps(project: Project, collection: Collection, package: Package) -> Iterator[str]:
    """The package that runs the console scripts."""
    yield from ("", "## Settings package: remediation and rollback as programs", "")
    yield phrases()["Settings package"]
    yield from ("", "### 1. Fill the content source", "", "In PowerShell, in this folder:")
    yield from ("", "```powershell", *_copy(package), "```", "", phrases()[project.execution_policy.value])
    yield from _wizards(collection, package, first=2)


def policy_steps(collection: Collection, script: ScriptPackage, product: Topics) -> Iterator[str]:
    """The site's built-in policy, which takes the place of the package."""
    kind = "Onboarding" if script.action is Action.ONBOARD else "Offboarding"
    yield from ("", f"## {kind} policy", "")
    yield "The site has a policy of its own for this, so no package is made."
    yield from ("", "### 1. Get the configuration file", "")
    yield product.get("Download", "Get it from the product's portal.")
    yield ""
    yield f"- Configuration file: {code(script.configuration_file or '')}"
    if script.source is not None:
        yield f"- From: {code(script.source)}"
    if script.valid_until is not None:
        yield f"- Last day: {script.valid_until.isoformat()} (UTC)"
    yield from ("", "### 2. Create and deploy the policy", "")
    yield f"- Name: {markdown(limits.shorten(collection.name, limits.BUILT_IN_POLICY_NAME))}"
    yield f"- Collection: {markdown(collection.name)}"
    yield ""
    yield product.get(
        "Built-in policy", "Create it in the console, with the configuration file, and deploy it to the collection."
    )


def _copy(package: Package) -> list[str]:
    return [
        "$contentSource = 'FileSystem::' + (Read-Host 'UNC path of the content source')",
        "$null = New-Item -ItemType Directory -Force -Path $contentSource",
        f"Copy-Item -Path '.\\packages\\{package.id}\\source\\*' -Destination $contentSource",
    ]


def _staging(package: Package, script: ScriptPackage) -> list[str]:
    """Commands that put the vendor's script beside the launcher; `FileSystem::` as a site's drive can't resolve UNC paths."""
    lines = _copy(package)
    name = literal(script.script)
    source = (script.source or "").rstrip("\\/")
    if not source:
        lines.append("$from = 'FileSystem::' + (Read-Host 'Folder of the extracted package')")
        lines.append(f"Copy-Item -LiteralPath (Join-Path $from {name}) -Destination $contentSource")
    elif source.lower().endswith(".zip"):
        lines.append("$extracted = Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid())")
        lines.append(f"Expand-Archive -LiteralPath {literal(source)} -DestinationPath $extracted")
        lines.append(f"Copy-Item -LiteralPath (Join-Path $extracted {name}) -Destination $contentSource")
        lines.append("Remove-Item -LiteralPath $extracted -Recurse")
    elif source.lower().endswith((".cmd", ".bat")):
        lines.append(f"Copy-Item -LiteralPath {_provider_path(source)} -Destination (Join-Path $contentSource {name})")
    else:
        lines.append(f"Copy-Item -LiteralPath (Join-Path {_provider_path(source)} {name}) -Destination $contentSource")
    lines.append(f"(Get-FileHash -Algorithm SHA256 -LiteralPath (Join-Path $contentSource {name})).Hash")
    if script.sha256 is not None:
        lines.append(f"{literal(script.sha256.upper())} # what the policy asks for")
    return lines


def _provider_path(path: str) -> str:
    return literal(f"FileSystem::{path}" if path.startswith(("\\\\", "//")) else path)


def _wizards(collection: Collection, package: Package, *, first: int = 3) -> Iterator[str]:
    create, *pages = console_sections(collection, package)
    deploy = [page for page in pages if page[0].endswith("Deploy Software Wizard")]
    programs = [page for page in pages if page not in deploy]
    yield from ("", f"### {first}. Create the package and its {_programs(package)}", "")
    yield "Software Library > Application Management > Packages, Create Package. What is not named here stays as it is."
    for page in (create, *programs):
        yield from _table(page)
    yield from ("", f"### {first + 1}. Distribute the content", "", phrases()["Distribute"])
    yield from ("", f"### {first + 2}. Deploy", "", "The package, Deploy:")
    for page in deploy:
        yield from _table(page)


def _programs(package: Package) -> str:
    return "program" if len(package.programs) == 1 else "programs"


def _table(page: Section) -> Iterator[str]:
    title, fields = page
    yield from ("", f"| {markdown(title)} | |", "|---|---|")
    for field, value in fields:
        yield f"| {field} | {markdown(value)} |"
