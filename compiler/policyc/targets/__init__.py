"""Model to artifacts: one folder a target, found through the entry-point group `policyc.targets`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from policyc.model import CONFIGMGR, CSP, GROUP_POLICY, INTUNE, LOCAL, VDI
from policyc.targets.refusal import Refusal

if TYPE_CHECKING:
    from policyc.artifacts import Artifact, Build
    from policyc.diagnostics import Diagnostic
    from policyc.model import Collection, Project

__all__ = ["GROUP", "Choosy", "Refusal", "Target", "UnknownTargetError", "load_targets"]

GROUP = "policyc.targets"


@runtime_checkable
class Target(Protocol):
    """A management system that policyc writes for. Its entry point names a class without arguments."""

    name: str

    def check(self, project: Project) -> Iterable[Diagnostic]:
        """What the system can't take: lengths, sizes, names. The project's collections are those that go by the target."""

    def artifacts(self, project: Project, collection: Collection, build: Build) -> Iterable[Artifact]:
        """The files of one collection, below its folder `collection.slug`, in any order.

        A function of its arguments: what isn't in a policy is asked of the `build`, the revisions of objects above all.
        `project` is without its collections, as no file of one depends on another: they are made in any order, by several
        processes, and not at all where they were made before.
        """

    def project_artifacts(self, project: Project, build: Build) -> Iterable[Artifact]:
        """The files that are no collection's, in the output folder itself.

        `project` is without its collections here too; its `targets` are all that any of them goes by.
        """


@runtime_checkable
class Choosy(Protocol):
    """A target that can't take everything. One that doesn't say so takes all settings, and tells of its limits by `check`."""

    def refusals(self, project: Project, collection: Collection) -> Iterable[Refusal]:
        """What it can't take of a collection that goes by it. The findings are made by `choosing`, alike for all targets."""


class UnknownTargetError(LookupError):
    """No installed package offers a target of this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(f"no target is called '{name}'; installed: {', '.join(self.known)}")


def load_targets(names: Iterable[str]) -> list[Target]:
    """The targets of these names, in this order.

    Raises UnknownTargetError.
    """
    targets: list[Target] = []
    for name in names:
        target = _own(name) or _found(name)
        assert isinstance(target, Target)  # noqa: S101 - a defect of the plugin, not of a policy
        targets.append(target)
    return targets


_OWN = {
    CONFIGMGR: "policyc.targets.configmgr:ConfigMgr",
    CSP: "policyc.targets.csp:Csp",
    GROUP_POLICY: "policyc.targets.group_policy:GroupPolicy",
    INTUNE: "policyc.targets.intune:Intune",
    LOCAL: "policyc.targets.local:Local",
    VDI: "policyc.targets.vdi:Vdi",
}


def _own(name: str) -> object:
    """policyc's own, which nobody can put another in the place of. Reading what is installed takes longer than it does."""
    if name not in _OWN:
        return None
    from importlib import import_module

    module, _, made = _OWN[name].partition(":")
    return getattr(import_module(module), made)()


def _found(name: str) -> object:
    from importlib.metadata import entry_points

    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise UnknownTargetError(name, found)
    return found[name].load()()
