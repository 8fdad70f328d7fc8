"""What of a collection nodes say, and why they don't say the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from policyc.model import Action, Collection, Registry, ScriptPackage, Setting, SetValue
from policyc.model.records import dataclass
from policyc.targets.csp.nodes import PRODUCT, Node, UnsayableError, Value, nodes, value_of
from policyc.targets.tenant import only_servers


@dataclass(frozen=True, slots=True)
class Said:
    """A node and what it is set to."""

    setting: Setting
    node: Node
    value: Value


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A setting that no node says."""

    setting: Setting
    reason: str
    """A sentence without a full stop."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A node that takes what the tenant's own file holds, which no policy holds."""

    uri: str
    file: str
    """The file's name, as the portal gives it."""
    offboards: bool

    @property
    def reference(self) -> str:
        """What stands in the profile until `fill-in.ps1` puts the content there."""
        return f"{{{{{self.file}}}}}"


def blob(collection: Collection) -> Blob | None:
    """Of the product's package; None where the collection has none, or Intune can't bring it."""
    if not collection.packages or only_servers(collection):
        return None
    package = collection.packages[0]
    offboards = package.action is Action.OFFBOARD
    return Blob(f"{PRODUCT}/{'Offboarding' if offboards else 'Onboarding'}", _file(package), offboards)


def _file(package: ScriptPackage) -> str:
    if package.configuration_file is not None:
        return package.configuration_file
    if package.action is Action.ONBOARD:
        return "WindowsDefenderATP.onboarding"
    day = "YYYY-MM-DD" if package.valid_until is None else package.valid_until.isoformat()
    return f"WindowsDefenderATP_valid_until_{day}.offboarding"


def judge(setting: Setting) -> Said | Unsaid | None:
    """What a node is set to for it; None for what only the product writes, which is monitored."""
    subject = setting.subject
    if setting.observed:
        return None
    if not isinstance(subject, Registry):
        return Unsaid(setting, f"no node is known that sets a {subject.word.replace('_', ' ')}")
    node = nodes().get(subject.place.identity)
    if node is None:
        return Unsaid(setting, f"no node is known that writes {subject.place}")
    if subject.write is None:
        return Unsaid(setting, "it is only reported, and a profile only writes")
    applies = setting.applies_to
    if applies.of_windows or applies.only_if is not None:
        return Unsaid(setting, "it applies to some devices only, and a profile asks a device nothing before it writes")
    try:
        return Said(setting, node, value_of(node, subject.kind, subject.write))
    except UnsayableError as problem:
        return Unsaid(setting, str(problem))


def all_said(collection: Collection) -> tuple[Said, ...]:
    """What its profiles set, each node once, in the order of the policy: two settings of one place write the same."""
    if only_servers(collection):
        return ()
    found: dict[str, Said] = {}
    for setting in collection.settings:
        judged = judge(setting)
        if isinstance(judged, Said):
            found.setdefault(judged.node.uri, judged)
    return tuple(found.values())


def unsaid(collection: Collection) -> Iterator[Unsaid]:
    """What its profiles leave out."""
    for setting in collection.settings:
        judged = judge(setting)
        if isinstance(judged, Unsaid):
            yield judged


def way_back(said: Sequence[Said]) -> Iterator[Said]:
    """What brings back the nodes that Windows keeps when their profile is gone: the product's defaults."""
    for one in said:
        default = one.node.default
        if one.node.permanent and default is not None:
            setting = replace(one.setting, title="What the product does without a policy")
            yield replace(one, setting=setting, value=value_of(one.node, one.node.kind, SetValue(default)))


def monitored(collection: Collection) -> bool | None:
    """Whether its devices are to be onboarded; None where it says nothing of that, and nothing is monitored."""
    states = dict(collection.vocabulary_states)
    if "defender_atp" not in states or only_servers(collection):
        return None
    return states["defender_atp"] == "onboarded"
