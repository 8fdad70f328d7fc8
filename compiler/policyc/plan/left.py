"""What stays on devices as it was written, and how it is rolled back."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.model import CONFIGMGR, CSP, GROUP_POLICY, INTUNE, LOCAL, VDI, Action, Collection, Mode, Setting
from policyc.plan.model import Left

BEFORE_AUDIT = "deploy the program 'Roll back' of the settings package before the new state is brought to the site"
_WAYS_BACK = {
    INTUNE: "a person assigns the package 'rollback' to the devices before anything of it leaves the tenant",
    CSP: "a person takes the profiles' assignments away, then assigns csp/way-back/profile.json of the last output",
    GROUP_POLICY: "take the link of the object away; its README.md in the last output names what stays all the same",
    LOCAL: "policy.ps1 -Mode Restore of the last output, on each machine",
    VDI: "README.md in the last output: the start-up script leaves the policy, the files leave the image",
}
"""What takes back what a target of ours brought; of ConfigMgr, deploy.ps1 does."""


def retire(slug: str) -> str:
    """How what left a collection's policy is undone."""
    return f"deploy.ps1 -Retire '{slug}' deploys the program 'Roll back what left', when the site has the new policy"


def left_behind(before: Collection | None, after: Collection | None) -> Iterator[Left]:
    """Of a collection that changes, goes or takes another name. Nothing was written by what only reported."""
    if before is None:
        return
    yield from _packages(before, after)
    if after is None or after.identity != before.identity:
        if _writes(before):
            why = "the collection leaves the policies" if after is None else "its new name makes it another one for the site"
            yield Left("collection", (), why, _taken_back(before, " before deploy.ps1 -Prune"))
        return
    yield from _targets(before, after)
    yield from _settings(before, after)
    yield from _devices(before, after)


def _packages(before: Collection, after: Collection | None) -> Iterator[Left]:
    kept = {package.vocabulary for package in after.packages} if after else set()
    for package in before.packages:
        if package.action is Action.ONBOARD and package.vocabulary not in kept:
            why = f"devices on which it ran stay onboarded to {package.product}"
            yield Left("package", (package.id,), why, "a collection with 'state: offboarded' and its package offboards them")


def _targets(before: Collection, after: Collection) -> Iterator[Left]:
    """What one that brings the collection no more leaves where it brought it."""
    if not _writes(before) and not before.packages:
        return
    for name in before.targets:
        if name not in after.targets and (name == CONFIGMGR or name in _WAYS_BACK):
            why = "it brings the collection no more; what it wrote stays on devices, and what was made for it where it is"
            undo = _roll_back_devices(before, " before deploy.ps1 -Prune") if name == CONFIGMGR else _WAYS_BACK[name]
            yield Left("target", (name,), why, undo)


def joined_into(after: Collection) -> Left:
    """Of a collection whose name stands in another's `formerly:`."""
    why = f"it is joined into '{after.name}', which goes on with what it changed"
    return Left("collection", (), why, "nothing has to be done on devices that are members there")


def _writes(collection: Collection) -> bool:
    return any(setting.remediated for setting in collection.settings)


def _settings(before: Collection, after: Collection) -> Iterator[Left]:
    kept = {setting.subject.place.identity for setting in after.settings if setting.remediated}
    there = {setting.id: setting for setting in after.settings}
    exempt = {setting.id for setting in after.exempted}
    for setting in before.settings:
        if not setting.remediated or setting.subject.place.identity in kept:
            continue
        if after.mode is Mode.AUDIT:
            yield Left("setting", _names(setting), "the collection is in audit mode now", BEFORE_AUDIT)
        else:
            yield Left("setting", _names(setting), _why(setting, there.get(setting.id), exempt), _retired(after))


def _names(setting: Setting) -> tuple[str, ...]:
    return (setting.id, str(setting.subject.place))


def _why(before: Setting, after: Setting | None, exempt: set[str]) -> str:
    if before.id in exempt:
        return "an exception takes the setting out"
    if after is None:
        return "the setting leaves the collection"
    return "it is only reported now" if not after.remediated else "the setting is about another place now"


def _devices(before: Collection, after: Collection) -> Iterator[Left]:
    if not _writes(before) or before.members is None or after.members is None:
        return
    stay = {device.upper() for device in after.members.devices}
    gone = tuple(device for device in before.members.devices if device.upper() not in stay)
    if gone:
        why = "their direct rules leave the collection; a query or an included collection may still hold them"
        yield Left("devices", gone, why, _roll_back_devices(before, " when they have left it"))
    if _narrower(before, after):
        why = "query, included or excluded collections change: devices that leave keep what was written"
        yield Left("devices", (), why, _roll_back_devices(before, " when they have left it"))


def _narrower(before: Collection, after: Collection) -> bool:
    """Whether devices may leave that are not named."""
    old, new = before.members, after.members
    if old is None or new is None:
        return False
    fewer = {name.upper() for name in old.include} - {name.upper() for name in new.include}
    more = {name.upper() for name in new.exclude} - {name.upper() for name in old.exclude}
    return bool(fewer or more or (old.query is not None and old.query != new.query) or before.limited_to != after.limited_to)


def _retired(after: Collection) -> str:
    """How what left a policy is undone by each of the collection's targets."""
    ways = [retire(after.slug)] if CONFIGMGR in after.targets or not _known(after) else []
    return "; ".join((*ways, *(f"{name}: {_WAYS_BACK[name]}" for name in _known(after))))


def _taken_back(collection: Collection, when: str) -> str:
    ways = [_roll_back_devices(collection, when)] if CONFIGMGR in collection.targets or not _known(collection) else []
    return "; ".join((*ways, *(f"{name}: {_WAYS_BACK[name]}" for name in _known(collection))))


def _known(collection: Collection) -> list[str]:
    return [name for name in collection.targets if name in _WAYS_BACK]


def _roll_back_devices(collection: Collection, when: str) -> str:
    name = collection.name.replace("'", "''")
    return f"deploy.ps1 -RollBack '{name}' -Device NAME{when}"
