"""What a policy asks for and a golden image can't have."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.model import Action, Collection
from policyc.targets.local.checks import refusals as of_one_script
from policyc.targets.refusal import Refusal


def refusals(collection: Collection) -> Iterator[Refusal]:
    """An image is about onboarding its clones: a collection without a product to onboard has none."""
    states = dict(collection.vocabulary_states)
    if not states:
        yield Refusal(
            "",
            "a golden image is prepared for devices that a product is onboarded on, and the collection names none",
            "add 'defender_atp: {state: onboarded}', or let the collection go by another target",
            collection.origin.below("collection", "name"),
        )
        return
    if not onboards(collection):
        yield Refusal(
            "",
            "clones of an image are onboarded when they start, and its devices are to be offboarded",
            "take 'vdi' out of 'targets': clones that are started from a clean image without start-up scripts aren't onboarded",
            collection.origin.below(next(iter(states)), "state"),
        )
        return
    yield from of_one_script(collection)


def onboards(collection: Collection) -> bool:
    """Whether its devices are to be onboarded."""
    if collection.packages:
        return all(package.action is Action.ONBOARD for package in collection.packages)
    return "onboarded" in dict(collection.vocabulary_states).values()
