"""Packages, applications and the built-in policy, by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PureWindowsPath

from policyc.model import Collection, DeployAs, ScriptPackage
from policyc.powershell import literal
from policyc.targets.configmgr.built_in import policy_parameters
from policyc.targets.configmgr.console import Section, application_sections, program_deployment
from policyc.targets.configmgr.package import Package, package_kind
from policyc.targets.configmgr.runbook.phrases import Topics, phrases
from policyc.targets.text import code, markdown

_POLICY_FIELDS = {
    "Name": "Name",
    "PolicyType": "Type",
    "SampleSharingType": "File samples",
    "TelemetryReportingFrequencyType": "Telemetry reporting frequency",
}
"""Fields of the console by the parameters of New-CMAdvancedThreatProtectionPolicy."""
_FILLING = ("Fill the content source; in PowerShell, in the folder of this file:",)


def vendor_files(collection: Collection, product: Topics) -> Iterator[str]:
    """What has to be downloaded, whichever way is taken."""
    if not collection.packages:
        return
    yield from ("", "## Get the vendor's files", "", product.get("Download", "Get them from the product's portal."), "")
    for script in collection.packages:
        built_in = script.deploy_as is DeployAs.POLICY
        yield f"- {package_kind(script)}: {code((script.configuration_file if built_in else script.script) or '')}"
        yield f"  - {_where(script)}"
        if script.valid_until is not None:
            yield f"  - Last day: {script.valid_until.isoformat()} (UTC)"
        if not built_in and script.sha256 is None:
            yield "  - The policy names no `sha256`; with one, the launcher runs no other script."


def package_steps(collection: Collection, package: Package) -> Iterator[str]:
    """The package around a vendor's script."""
    yield from ("", f"### {_kind(package)} package", "")
    yield from _content(package)
    yield from _definition(collection, package)


def application_steps(collection: Collection, package: Package) -> Iterator[str]:
    """The application around a vendor's script."""
    yield from ("", f"### {_kind(package)} application", "")
    yield from _content(package)
    yield from ("", f"`{package.folder}/application.txt` has the same to copy from.")
    *wizards, deploy = application_sections(collection, package)
    for page in wizards:
        yield from _table(page)
    yield from _table(deploy)


def settings_package_steps(collection: Collection, package: Package) -> Iterator[str]:
    """The package that runs the console scripts."""
    yield from ("", "### Settings package", "", phrases()[_purpose(collection, package)], "")
    yield from (*_FILLING, "", "```powershell", *_copy(package), "```")
    yield from _definition(collection, package)


def _purpose(collection: Collection, package: Package) -> str:
    if "remediate.ps1" not in package.content:
        return "Rollback package"
    if any(program.deployed for program in package.programs):
        return "Settings package deployed"
    return "Settings package" if collection.deployment.remediate else "Settings package alone"


def policy_steps(collection: Collection, script: ScriptPackage, product: Topics) -> Iterator[str]:
    """The site's built-in policy, which takes the place of the package."""
    parameters = policy_parameters(collection, script)
    fields = [(title, str(parameters[word])) for word, title in _POLICY_FIELDS.items() if word in parameters]
    fields += [("Configuration file", script.configuration_file or ""), ("Collection", collection.name)]
    yield from ("", f"### {package_kind(script)} policy", "")
    yield product.get(
        "Built-in policy", "Create it in the console, with the configuration file, and deploy it to the collection."
    )
    yield from _table((f"{package_kind(script)} policy", tuple(fields)))


def _kind(package: Package) -> str:
    script = package.staged
    assert script is not None  # noqa: S101 - packages of settings have steps of their own
    return package_kind(script)


def _content(package: Package) -> Iterator[str]:
    script = package.staged
    assert script is not None  # noqa: S101 - packages of settings have steps of their own
    yield from (*_FILLING, "", "```powershell", *_staging(package, script), "```", "")
    yield f"It then holds {', '.join(f'`{name}`' for name in package.content)} and {code(script.script)}, and nothing else."


def _where(script: ScriptPackage) -> str:
    if script.source is None:
        return "The policy names no `source`."
    return f"From: {code(script.source)}{', relative to the policies folder' if _is_relative(script.source) else ''}"


def _is_relative(source: str) -> bool:
    r"""Whether it is found from the policies folder, of which who reads the output knows nothing.

    >>> [_is_relative(path) for path in (r"packages\onboarding", r"C:\in", r"\\files\in", "/srv/in")]
    [True, False, False, False]
    """
    return not PureWindowsPath(source).root


def _copy(package: Package) -> list[str]:
    folder = package.source_folder.replace("/", "\\")
    asked = f"'FileSystem::' + (Read-Host 'UNC path of an own folder of this package, {package.id}')"
    source = asked if package.source is None else _provider_path(package.source)
    return [
        f"$contentSource = {source}",
        "$null = New-Item -ItemType Directory -Force -Path $contentSource",
        f"Copy-Item -Path '.\\{folder}\\*' -Destination $contentSource",
    ]


def _staging(package: Package, script: ScriptPackage) -> list[str]:
    """Commands that put the vendor's script beside the launcher; `FileSystem::` as a site's drive can't resolve UNC paths."""
    lines = _copy(package)
    name = literal(script.script)
    source = (script.source or "").rstrip("\\/")
    kind = PureWindowsPath(source).suffix.lower()
    if kind == ".zip":
        archive = _asked("The .zip that holds the script", source) if _is_relative(source) else literal(source)
        lines.append("$extracted = Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid())")
        lines.append(f"Expand-Archive -LiteralPath {archive} -DestinationPath $extracted")
        lines.append(f"Copy-Item -LiteralPath (Join-Path $extracted {name}) -Destination $contentSource")
        lines.append("Remove-Item -LiteralPath $extracted -Recurse")
    elif kind in {".cmd", ".bat"}:
        path = _source_path("The script", source)
        lines.append(f"Copy-Item -LiteralPath {path} -Destination (Join-Path $contentSource {name})")
    else:
        path = _source_path("Folder that holds the script", source)
        lines.append(f"Copy-Item -LiteralPath (Join-Path {path} {name}) -Destination $contentSource")
    lines.append(f"(Get-FileHash -Algorithm SHA256 -LiteralPath (Join-Path $contentSource {name})).Hash")
    if script.sha256 is not None:
        lines.append(f"{literal(script.sha256.upper())} # what the policy asks for")
    return lines


def _source_path(what: str, source: str) -> str:
    return f"('FileSystem::' + {_asked(what, source)})" if _is_relative(source) else _provider_path(source)


def _asked(what: str, source: str) -> str:
    """Asks the administrator: nobody knows here where the policies folder is on their computer."""
    said = f" (the policy says '{source}', relative to the policies folder)" if source else ""
    return f"(Read-Host {literal(what + said)})"


def _provider_path(path: str) -> str:
    return literal(f"FileSystem::{path}" if path.startswith(("\\\\", "//")) else path)


def _definition(collection: Collection, package: Package) -> Iterator[str]:
    folder = package.folder
    files = f"Definition file: `{folder}/{package.id}.sms`. `{folder}/package.txt` has every value of it, and those below."
    yield from ("", files)
    yield from _deployments([program_deployment(collection, program) for program in package.programs], package)


def _deployments(pages: list[Section], package: Package) -> Iterator[str]:
    """One table for all programs, a column each."""
    titles = " | ".join(markdown(program.name) for program in package.programs)
    yield from ("", f"| Deploy Software Wizard | {titles} |", "|---" * (len(pages) + 1) + "|")
    for rows in zip(*(fields for _, fields in pages), strict=True):
        yield f"| {rows[0][0]} | {' | '.join(markdown(value) for _, value in rows)} |"


def _table(page: Section) -> Iterator[str]:
    title, fields = page
    yield from ("", f"| {markdown(title)} | |", "|---|---|")
    for field, value in fields:
        yield f"| {field} | {markdown(value)} |"
