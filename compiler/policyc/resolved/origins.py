"""Where each value of a setting stands: file, line, layer and variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policyc.model import Collection, Location, Mode, Setting
from policyc.model.variable import Named
from policyc.resolved.settings import Value


@dataclass(frozen=True, slots=True)
class Origin:
    """A line of the policies."""

    file: str
    line: int
    layer: str
    """`collection 'Pilot'`, `baseline 'Common'`, `project 'Example estate'`."""


@dataclass(frozen=True, slots=True)
class Places:
    """What is known of the policies' files."""

    line: Callable[[Location], int | None]
    """None where nothing of a node is written."""
    layers: Mapping[str, str]
    """What each file describes."""

    def origin(self, location: Location) -> Origin | None:
        """None where nothing is written."""
        line = self.line(location)
        return None if line is None else Origin(location.file, line, self.layers.get(location.file, ""))


def origin_of(collection: Collection, setting: Setting, value: Value, places: Places) -> Origin | None:
    """Where a value stands; None for what the language says where a policy is silent."""
    if value.word == "remediate" and collection.mode is Mode.AUDIT:
        return places.origin(collection.origin.below("collection", "mode"))
    return places.origin(_location(setting, value))


def variables_in(setting: Setting, value: Value) -> list[Named]:
    """The variables whose values are in this one."""
    if setting.from_vocabulary is not None and value.way[1:] not in ((setting.subject.asked,), ("set",)):
        return []
    at = _location(setting, value)
    return [named for named in setting.variables if named.at.file == at.file and named.at.path[: len(at.path)] == at.path]


def _location(setting: Setting, value: Value) -> Location:
    # A product's word says all of its setting.
    if setting.from_vocabulary is not None:
        return setting.origin
    if setting.part_of is not None and value.way[0] == setting.subject.word and value.way[1:] != (setting.subject.asked,):
        # A policy's name says all of its place.
        return setting.origin.below(setting.subject.word, "policy")
    return setting.origin.below(*value.way)
