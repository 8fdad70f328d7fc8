"""Settings of one's own that fight the product that a vocabulary manages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policyc.analysis.context import Context
from policyc.analysis.hazard_data import Hazards, Need, load_hazards
from policyc.analysis.meetings import Meetings
from policyc.analysis.same_place import condition_of
from policyc.diagnostics import Diagnostic, Level, Related, error, warning
from policyc.model import Collection, Hive, Project, Registry, Setting, View, of_registry, upper
from policyc.vocabularies import OWN_KEYS


def hazards(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """An error where the collection uses the vocabulary itself, a warning where its devices may be in one that does.

    What only the product writes is a warning everywhere.
    """
    near = {vocabulary for vocabulary, part in OWN_KEYS.items() if _speaks_of(project, part)}
    used = {vocabulary for collection in project.collections for vocabulary, _ in collection.vocabulary_states}
    for vocabulary in sorted(used | near):
        yield from _Search(project, load_hazards(vocabulary)).run()


def _speaks_of(project: Project, part: str) -> bool:
    """Whether a setting of one's own has a key with this in it."""
    return any(
        part in upper(setting.subject.place.key)
        for collection in project.collections
        for setting in collection.settings
        if setting.from_vocabulary is None and isinstance(setting.subject, Registry)
    )


class _Search:
    """One vocabulary's hazards in all collections."""

    def __init__(self, project: Project, data: Hazards) -> None:
        self._project = project
        self._data = data
        self._product = data.product
        self._users = [one for one in project.collections if (data.vocabulary, data.state) in one.vocabulary_states]
        self._meetings: Meetings | None = None

    def run(self) -> Iterator[Diagnostic]:
        for collection in self._project.collections:
            for setting in collection.settings:
                if setting.from_vocabulary is not None or not isinstance(setting.subject, Registry):
                    continue
                place = setting.subject.place
                if not self._data.is_near(upper(place.key)):
                    continue
                if place.hive is Hive.MACHINE and place.view is View.BITS_64:
                    yield from self._judge(collection, setting)

    def _judge(self, collection: Collection, setting: Setting) -> Iterator[Diagnostic]:
        subject = of_registry(setting)
        key = upper(subject.place.key)
        name = None if subject.place.name is None else upper(subject.place.name)
        owner = self._owner(key, name) if subject.write is not None else None
        if owner is not None:
            yield from self._finding(
                "PC0412",
                collection,
                setting,
                f"'{setting.id}' writes what belongs to {self._product}: {owner}",
                "remove the setting, or only report it: 'remediate: false'",
            )
        if name is None:
            return
        known = self._data.known.get((key, name))
        if known is not None and subject.kind is not None and subject.kind is not known.kind:
            say = (
                f"remove the setting and say it with '{self._data.vocabulary}: {known.option}:', or write"
                if known.option
                else "write"
            )
            yield from self._finding(
                "PC0411",
                collection,
                setting,
                f"'{setting.id}' takes {subject.place} for a {subject.kind}, but {self._product} reads a {known.kind} there",
                f"{say} 'type: {known.kind}'",
            )
        elif known is not None and known.option is not None and subject.write is not None and owner is None:
            yield from self._beside_option(collection, setting, known.option)
        need = self._data.needed.get((key, name))
        if need is not None and need.broken_by(setting):
            yield from self._finding(
                "PC0413",
                collection,
                setting,
                f"'{setting.id}' switches off what {self._product} needs: {need.why}",
                _instead(need),
            )

    def _owner(self, key: str, name: str | None) -> str | None:
        """Why nobody else writes this value or key; None where anybody may."""
        if name is not None and (key, name) in self._data.owned_values:
            return self._data.owned_values[key, name]
        return next((why for owned, why in self._data.owned_keys.items() if key == owned or key.startswith(owned + "\\")), None)

    def _beside_option(self, collection: Collection, setting: Setting, option: str) -> Iterator[Diagnostic]:
        """The vocabulary has a word for it; where the collection uses the word too, the two are settings of one place."""
        identity = setting.subject.place.identity
        if any(other.from_vocabulary is not None and other.subject.place.identity == identity for other in collection.settings):
            return
        message = f"'{setting.id}' sets {setting.subject.place}, for which '{self._data.vocabulary}' has a word"
        way_out = f"remove the setting and write '{option}:' under '{self._data.vocabulary}:', which knows default and type"
        for found in self._finding("PC0414", collection, setting, message, way_out):
            yield replace(found, level=Level.WARNING)

    def _finding(self, code: str, collection: Collection, setting: Setting, message: str, help: str) -> Iterator[Diagnostic]:
        own_states = {state for vocabulary, state in collection.vocabulary_states if vocabulary == self._data.vocabulary}
        location = condition_of(setting) if code != "PC0411" else setting.origin.below("registry", "type")
        if self._data.state in own_states or (own_states and code != "PC0413"):
            yield error(code, message, location, help=help)
            return
        meeting = None if own_states else self._user_met_by(collection)
        if meeting is not None:
            apart = f"; or keep its devices apart: add '{collection.name}' to 'exclude:' of '{meeting.name}'"
            related = Related(
                meeting.origin.below(self._data.vocabulary, "state"),
                f"a device can be in '{meeting.name}' as well, which is onboarded",
            )
            yield warning(code, message, location, help=help + apart, related=[related])
        elif code == "PC0412":
            # Wrong wherever the product may be, and no policy says where it isn't.
            yield warning(code, message, location, help=help)

    def _user_met_by(self, collection: Collection) -> Collection | None:
        """The first collection in the product's state with which this one may share a device."""
        self._meetings = self._meetings or Meetings(self._project)
        meetings = self._meetings
        return next((user for user in self._users if meetings.can(collection, user)), None)


def _instead(need: Need) -> str:
    if need.absent == "only":
        return "remove the setting, or write 'absent: true'"
    if need.write is not None:
        return f"remove the setting, or write 'equals: {need.write}'"
    return "remove the setting: its default is right"
