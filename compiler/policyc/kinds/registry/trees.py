"""A key that goes with everything below it, taken apart: each value, then each key from the leaves up.

Scripts do the same (`powershell/library/trees.ps1`). So a value is removed, kept in the journal and rolled back as any other
value is. Nothing goes where not all of it can be kept.
"""

from __future__ import annotations

from policyc.evaluation import UNREADABLE
from policyc.evaluation.bounds import MOST_OF_A_USER, MOST_OF_THE_MACHINE, size
from policyc.evaluation.device import KEY, Device
from policyc.kinds.kind import Removal
from policyc.model import Hive, Registry, RemoveTree, Subject
from policyc.model.place import Place

TREE = "registry_tree"
"""What the journal's entries of removed keys are called, among the kinds of settings."""
MOST_VALUES = 500
"""Values that a remediation removes with one key."""
MOST_KEYS = 100
"""Keys, the uppermost one among them."""


def removes_tree(subject: Subject) -> bool:
    """Whether it removes a key with everything below it."""
    return isinstance(subject, Registry) and isinstance(subject.write, RemoveTree)


def removal(subject: Registry, device: Device, user: str | None) -> Removal | None:
    """What goes with the key on this device; None where the subject removes none."""
    if not removes_tree(subject):
        return None
    keys = device.tree(subject.place, user)
    values = [
        (Place(place.hive, place.view, place.key, name), state) for place, key in keys for name, state in key.values.values()
    ]
    most = MOST_OF_THE_MACHINE if subject.place.hive is Hive.MACHINE else MOST_OF_A_USER
    if len(keys) > MOST_KEYS:
        return Removal(refusal=f"more than {MOST_KEYS} keys are in it, and no more are removed at once")
    if any(state is UNREADABLE for _, state in values):
        return Removal(refusal="a value in it is of a kind or size that .NET cannot read")
    if len(values) > MOST_VALUES:
        return Removal(refusal=f"more than {MOST_VALUES} values are in it, and no more are removed at once")
    if sum(size(state) for _, state in values) > most:
        return Removal(
            refusal=f"more than {most} bytes are in it, and the journal keeps no more: the change could not be undone"
        )
    return Removal((*values, *((place, KEY) for place, _ in reversed(keys))))
