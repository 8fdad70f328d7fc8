"""The collection itself: its membership, what it goes without, and how it is made by hand."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.model import Collection, Mode, Platform
from policyc.targets.configmgr.groups import Item
from policyc.targets.configmgr.runbook.deploying import window_lines
from policyc.targets.configmgr.runbook.phrases import phrases
from policyc.targets.text import block, code, markdown

_PLATFORMS = {
    Platform.WINDOWS_10: "Windows 10 and later",
    Platform.WINDOWS_11: "Windows 11 and later",
    Platform.SERVER_2016: "Windows Server 2016 and later",
    Platform.SERVER_2019: "Windows Server 2019 and later",
    Platform.SERVER_2022: "Windows Server 2022 and later",
}


def membership(collection: Collection, items: tuple[Item, ...]) -> Iterator[str]:
    """The collection as the policy says it."""
    yield from ("", "## The collection", "")
    yield f"- Name: {markdown(collection.name)}"
    if collection.id:
        yield f"- CollectionID: {code(collection.id)}"
    if collection.limited_to:
        yield f"- Limiting collection: {markdown(collection.limited_to)}"
    if collection.mode is Mode.AUDIT:
        yield "- Mode: audit. Everything is reported, nothing is changed."
    if items:
        yield f"- Platforms: {_platforms(collection)}"
    members = collection.members
    if members is None:
        yield "- Membership: as it is on the site; the policy doesn't say."
        return
    yield "- Membership rules, and no others:"
    if members.query is not None:
        yield from _query(members.query)
    for title, names in (("Direct", members.devices), ("Include", members.include), ("Exclude", members.exclude)):
        if names:
            yield f"  - {title}: {', '.join(map(markdown, names))}"


def _query(query: str) -> Iterator[str]:
    lines = query.strip().splitlines()
    if len(lines) == 1:
        yield f"  - Query: {code(query)}"
    else:
        yield from ("  - Query:", "", *block(lines, indent="    "), "")


def _platforms(collection: Collection) -> str:
    if Platform.ALL in collection.platforms:
        return "every Windows that the site knows"
    names = ", ".join(_PLATFORMS[platform] for platform in collection.platforms)
    return f"{names}; on other devices the configuration items count as compliant"


def exceptions(collection: Collection, *, undone: bool) -> Iterator[str]:
    """What the collection goes without; `undone`: it has the program that takes back what these settings wrote."""
    if not collection.exemptions:
        return
    yield from ("", "## Exceptions", "", phrases()["Exceptions"])
    if undone:
        yield phrases()["Exceptions undone"]
    yield ""
    for exemption in collection.exemptions:
        yield f"- {', '.join(map(code, exemption.settings))}"
        yield f"  - Last day: {exemption.expires.isoformat()} (UTC)"
        yield f"  - Owner: {markdown(exemption.owner)}"
        if exemption.ticket is not None:
            yield f"  - Ticket: {markdown(exemption.ticket)}"
        yield f"  - Reason: {markdown(' '.join(exemption.reason.split()))}"


def collection_steps(collection: Collection) -> Iterator[str]:
    """How the console makes the collection and its maintenance windows, as far as the policy says them."""
    windows = list(window_lines(collection.deployment))
    if collection.members is None and not windows:
        return
    yield from ("", "### Collection")
    if collection.members is not None and collection.id is None:
        yield from ("", phrases()["Make the collection"], "", f"- Name: {markdown(collection.name)}")
        limit = "the policy names none" if collection.limited_to is None else markdown(collection.limited_to)
        yield f"- Limiting collection: {limit}"
        yield "- Membership rules: those above."
        yield "- Schedule a full update on this collection: on, every day. Use incremental updates for this collection: off."
    elif collection.members is not None:
        yield from ("", phrases()["Change the collection"])
    if windows:
        yield from ("", phrases()["Maintenance windows"], "", *(f"- {line}" for line in windows))
