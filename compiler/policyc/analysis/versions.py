"""Which of the routes of onboarding the site's version takes.

Packages for 2012, 2012 R2, 1511 and 1602, the built-in policy from 1606, and a client that matches a server of 1610 or later.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic, error, note, warning
from policyc.model import Project, Version

_FIRST_CURRENT_BRANCH = 1511
_BUILT_IN = Version("1606")
_CLIENTS_MUST_MATCH = Version("1610")
_BEFORE_CURRENT_BRANCH = ("2012", "2012 R2")
_RELEASES = (
    *("1511", "1602", "1606", "1610", "1702", "1706", "1710", "1802", "1806", "1810", "1902", "1906", "1910", "2002", "2006"),
    *("2010", "2103", "2107", "2111", "2203", "2207", "2211", "2303", "2309", "2403", "2409", "2503"),
)
"""The releases of the current branch. Later ones may exist, so nothing is said of a later month."""
_SUPPORTED = "'2012', '2012 R2', or a release of the current branch such as '1602' or '2403'"


def versions(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """Whether the site's versions have a way to do what the collections ask."""
    if not any(vocabulary == "defender_atp" for one in project.collections for vocabulary, _ in one.vocabulary_states):
        return
    server, client = project.server_version, project.client_version
    for key, version in (("server_version", server), ("client_version", client)):
        if version is not None:
            yield from _existence(project, key, version)
    if server is not None:
        yield from _routes(project, server)
        if client is not None:
            yield from _pair(project, server, client)


def _existence(project: Project, key: str, version: Version) -> Iterator[Diagnostic]:
    """Versions that have no route, and such as never were."""
    if version.text in _BEFORE_CURRENT_BRANCH or version.text in _RELEASES:
        return
    location = project.origin.below("configmgr", key)
    month = version.order % 100
    if version.order < _FIRST_CURRENT_BRANCH or version.text == "2007":
        yield error(
            "PC0405",
            f"Configuration Manager {version.text} supports no way to onboard devices",
            location,
            help=f"write the version of the site: {_SUPPORTED}",
        )
    elif version < Version(_RELEASES[-1]) or not 1 <= month <= 12:
        nearest = min(_RELEASES, key=lambda release: abs(int(release) - version.order))
        yield warning(
            "PC0406",
            f"There is no release {version.text} of Configuration Manager",
            location,
            help=f"write the version that the console shows under 'About Configuration Manager'; the nearest is '{nearest}'",
        )


def _routes(project: Project, server: Version) -> Iterator[Diagnostic]:
    for collection in project.collections:
        for package in collection.packages:
            if server >= _BUILT_IN and package.configuration_file is None and not package.route_given:
                yield note(
                    "PC0407",
                    f"Configuration Manager {server.text} has a built-in policy, which needs no script package",
                    package.origin,
                    help="give the file that the built-in policy takes as 'configuration_file:'",
                )
            elif server < _BUILT_IN and package.configuration_file is not None and not package.script_given:
                yield error(
                    "PC0408",
                    f"Configuration Manager {server.text} has no built-in policy that would take a configuration file",
                    package.origin.below("configuration_file"),
                    help="give the vendor's script as 'script:': before 1606 devices are onboarded and offboarded by a package",
                )


def _pair(project: Project, server: Version, client: Version) -> Iterator[Diagnostic]:
    location = project.origin.below("configmgr", "client_version")
    if client == _BUILT_IN and server >= _CLIENTS_MUST_MATCH:
        yield error(
            "PC0409",
            f"A client of version 1606 can't take the policies of a server of version {server.text}",
            location,
            help=f"upgrade the clients to {server.text}, then write client_version: '{server.text}'",
        )
    elif client > server:
        yield warning(
            "PC0410",
            f"The clients ({client.text}) are newer than the server ({server.text})",
            location,
            help="a client is never newer than its site: look up both versions in the console",
        )
