"""What a policy asks for and one script on a machine can't do."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.kinds import naming_files
from policyc.model import Collection, Setting
from policyc.targets.refusal import Refusal


def refusals(collection: Collection) -> Iterator[Refusal]:
    """What `policy.ps1` leaves out."""
    for setting in collection.settings:
        if has_own_script(setting):
            yield Refusal(
                setting.id,
                "its script is alone, and never holds an administrator's own",
                "run that script on the machine yourself, or let the collection go by configmgr too",
                setting.origin.below(setting.subject.word),
            )


def has_own_script(setting: Setting) -> bool:
    """Whether files lie beside it that a single script can't bring along."""
    return naming_files(setting.subject.word) is not None
