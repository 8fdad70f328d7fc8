"""What a package's source holds, where it is a local folder, .zip or .cmd file.

Findings here never change what is written. A source on the network isn't touched without `read_packages`: a path in a
pull request must not make the runner log on to a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic, error, note, warning
from policyc.model import Collection, Project, ScriptPackage

if TYPE_CHECKING:
    from policyc.analysis.package_sources import Found

_READS_UNC = Path("\\\\server\\share").drive != ""


def reads_disk(project: Project) -> bool:
    """Whether the findings depend on more than policies: on a package's source that isn't on the network."""
    packages = (package for collection in project.collections for package in collection.packages)
    sources = [package.source for package in packages if package.source is not None]
    if not sources:
        return False
    from policyc.analysis.package_sources import is_network

    return not all(map(is_network, sources))


def package_files(project: Project, context: Context) -> Iterator[Diagnostic]:
    """Looks into each source once, however many collections use it."""
    read: dict[tuple[str, str], Found | None] = {}
    packages = [
        (collection, package, package.source)
        for collection in project.collections
        for package in collection.packages
        if package.source is not None and not any(sign in package.script for sign in "\\/:\0")
    ]
    for _, package, source in packages:
        if (source, package.script) not in read:
            read[source, package.script] = _look(source, package.script, context)
    if not packages:
        return
    from policyc.analysis.tracked_files import tracked

    in_git = tracked({file for found in read.values() if found for file in found.files})
    for collection, package, source in packages:
        found = read[source, package.script]
        if found is not None:
            yield from _judge(collection, package, source, found)
            if not in_git.isdisjoint(found.files):
                yield warning(
                    "PC0716",
                    f"The package in '{source}' is tracked by git, and with it the tenant's onboarding data",
                    package.origin.below("source"),
                    help="keep the package outside of the repository, then 'git rm --cached' it and add it to .gitignore",
                )


def _look(source: str, script: str, context: Context) -> Found | None:
    """What the source holds; None where it isn't looked at."""
    from policyc.analysis.package_sources import Found, Problem, is_network, local_path, read_source

    if not is_network(source):
        try:
            path = local_path(source, context.root)
        except OSError:
            return None
        return None if path is None else read_source(path, script)
    if not context.read_packages:
        return None
    if not _READS_UNC or "://" in source:
        return Found(problem=Problem.NO_SOURCE, detail="this machine can't read such a path")
    return read_source(Path(source), script)


def _judge(collection: Collection, package: ScriptPackage, source: str, found: Found) -> Iterator[Diagnostic]:
    from policyc.analysis.package_sources import Problem

    where, script = package.origin.below("source"), package.script
    if found.problem is Problem.NO_SOURCE:
        # Whoever compiles needs no package: a runner often has none.
        yield warning(
            "PC0711",
            f"The package source '{source}' can't be checked: {found.detail}",
            where,
            help="write the folder or .zip that holds the script, relative to the policies folder; compiling doesn't need it",
        )
    elif found.problem is Problem.NO_SCRIPT:
        yield error(
            "PC0712",
            f"'{source}' doesn't hold '{script}': {found.detail}",
            where,
            help="write the name of the script that is there as 'script:', or the folder or .zip that holds it as 'source:'",
            holds=collection.slug,
        )
    elif found.problem is Problem.UNUSABLE:
        yield error(
            "PC0715",
            f"'{source}' is no package: {found.detail}",
            where,
            help="download the package again, and write the folder or .zip that holds the script as 'source:'",
            holds=collection.slug,
        )
    elif found.content is not None:
        yield from _judge_script(collection, package, found.content)


def _judge_script(collection: Collection, package: ScriptPackage, content: bytes) -> Iterator[Diagnostic]:
    import hashlib

    from policyc.analysis.prompts import find_prompt

    prompt = find_prompt(content)
    if prompt is not None:
        line, command = prompt
        yield error(
            "PC0713",
            f"'{package.script}' waits for a key in line {line} ('{command}'), and as SYSTEM nobody presses it",
            package.origin.below("script"),
            help="download the package for the deployment method 'System Center Configuration Manager' from the portal",
            holds=collection.slug,
        )
    actual = hashlib.sha256(content).hexdigest()
    if package.sha256 is None:
        yield note(
            "PC0717",
            f"'{package.script}' may be changed by whoever can write to its source",
            package.origin,
            help=f"write 'sha256: \"{actual}\"', and the launcher runs nothing else",
        )
    elif package.sha256.lower() != actual:
        yield error(
            "PC0714",
            f"'{package.script}' isn't the file that 'sha256:' describes: its SHA-256 is {actual}",
            package.origin.below("sha256"),
            help="get the file that was meant; if this one is, write its SHA-256",
            holds=collection.slug,
        )
