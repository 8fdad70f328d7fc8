"""What a plan says first: its numbers, and what another id of the project means."""

from __future__ import annotations

from policyc.plan.model import Plan, Subject
from policyc.plan.wording import Pieces, Said, counted, pair

_NEW_IDENTITY = (
    "deploy.ps1 makes all of them anew. The old ones stay on the site until they are removed by hand, or by deploy.ps1 -Prune "
    "of an output that is compiled under the old id without any collection; until then deploy.ps1 refuses each collection "
    "whose policy has members, as it has the mark of the old id. What the old ones changed on devices is another estate's from "
    "then on: roll it back first."
)


def identity_pieces(plan: Plan) -> Pieces | None:
    """What another id of the project means for the site, to be said before all else."""
    word = plan.another
    if word is None:
        return None
    before, after = pair(word)
    return [
        *("Every object gets a new identity, as the project's id changes: ", Said(before), " -> ", Said(after), ". "),
        _NEW_IDENTITY,
    ]


def summary(plan: Plan) -> str:
    """The numbers, in one line."""
    totals = plan.totals()
    if not plan.has_changes:
        return "No changes."
    parts = ["Every object gets a new identity"] if plan.another else []
    parts.append(("changes" if parts else "Changes") + _changed(plan, totals))
    settings = [
        f"{totals[f'settings_{word}']} {word}" for word in ("added", "removed", "changed") if totals[f"settings_{word}"]
    ]
    ordered = [f"{totals[f'settings_{word}']} {word}" for word in ("strengthened", "weakened") if totals[f"settings_{word}"]]
    if settings:
        parts.append("settings: " + ", ".join(settings) + (f" ({', '.join(ordered)})" if ordered else ""))
    exceptions = [
        f"{totals[f'exceptions_{word}']} {word}" for word in ("gained", "changed", "ended") if totals[f"exceptions_{word}"]
    ]
    if exceptions:
        parts.append("exceptions: " + ", ".join(exceptions))
    modes = [
        word.note for change in plan.changes(Subject.COLLECTION) for word in change.words if word.word == "mode" and word.note
    ]
    if modes:
        parts.append(modes[0] if len(modes) == 1 else f"audit mode begins or ends in {len(modes)} collections")
    if totals["left_behind"]:
        parts.append(f"left behind on devices: {totals['left_behind']}")
    if totals["revisions"]:
        parts.append(f"revisions that rise: {totals['revisions']}")
    return "; ".join(parts) + "."


def _changed(plan: Plan, totals: dict[str, int]) -> str:
    number = totals["collections"]
    kinds = [
        f"{totals[f'collections_{word}']} {word}" for word in ("added", "removed", "renamed") if totals[f"collections_{word}"]
    ]
    places = ["the project file"] if plan.project else []
    if number:
        places.append(counted(number, "collection") + (f" ({', '.join(kinds)})" if kinds else ""))
    return " in " + " and ".join(places)
