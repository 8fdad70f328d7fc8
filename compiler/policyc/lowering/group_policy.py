"""`group_policy:` unfolded to the registry settings that Group Policy would write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policyc.diagnostics import Diagnostic, Related, error, warning
from policyc.diagnostics.cures import remove, write
from policyc.lowering.group_policy_findings import misfit, missing, others_stay, place, scope_of, writes_nothing
from policyc.lowering.overrides import moved
from policyc.model import Hive, Kind, Location, Operator, Place, Registry, Setting, View
from policyc.model.records import dataclass
from policyc.source.files import PROJECT

if TYPE_CHECKING:
    from policyc.definitions import Library, Named, OpenShelf, Option, Part

_LONGEST_TITLE = 256
_LONGEST_WHY = 500
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_ASKED_ANYWAY = frozenset({Operator.PRESENT, Operator.ABSENT})
_HIVES = {"machine": "HKLM", "user": "HKCU"}
_SCOPES = {Hive.MACHINE: "machine", Hive.USER: "user"}
_BUILDS = (
    # Windows 10 1607 and Windows Server 2016 are both build 14393: whatever is named after a later release is no older.
    (re.compile(r"SUPPORTED_Windows_10_0_(?:RS[1-5]|1[9]H[12]|2[0-9]H[12])", re.IGNORECASE), 14393),
    (re.compile(r"SUPPORTED_Windows_10_0(?:_NOSERVER|_NOARM|_ONLY)*", re.IGNORECASE), 10240),
)
"""Names of Windows' own definitions of what a policy is supported on, and the oldest build that can be meant. In the words of
these definitions there are servers and workstations of several builds: the oldest is what can be told for sure."""


@dataclass(frozen=True, slots=True)
class PartTree:
    """A registry setting that a policy unfolds to, as the language would have it."""

    id: str
    tree: dict[str, Any]
    at: Location


class GroupPolicies:
    """The policies of a project's templates. Nothing is read where no setting names one, and the project no folder."""

    def __init__(self, root: Path, folders: tuple[str, ...], language: str | None, open_shelf: OpenShelf | None) -> None:
        self.folders = folders
        self._root = root
        self._language = language
        self._open_shelf = open_shelf
        self._library: Library | None = None

    @property
    def library(self) -> Library:
        """The templates."""
        if self._library is None:
            from policyc.definitions import Library
            from policyc.definitions.folders import STANDARD

            given = {} if self._open_shelf is None else {"open_shelf": self._open_shelf}
            self._library = Library(self._root, self.folders, self._language or STANDARD, **given)
        return self._library

    def check(self) -> Iterator[Diagnostic]:
        """What is wrong with the folders, and with the templates in them."""
        if not self.folders:
            return
        at = Location(PROJECT, ("definitions",))
        for number in self.library.listing.missing:
            message = f"there is no folder '{self.folders[number]}' of templates, or it can't be read"
            way_out = "write the way to it from the folder of this file, or take the line out"
            yield error("PC1901", message, at.below(number), help=way_out, cures=[remove(at.below(number))])
        for left, read in self.library.listing.twice:
            message = f"'{read}' is read, and this template of the same name isn't"
            yield warning("PC1903", message, Location(left), help="take one of the two out, or name its folder first")
        for file, message, way_out, line in self.library.index.faults:
            place = Location(file, line=line, column=None if line is None else 1)
            if file.lower().endswith(".adml"):
                yield warning("PC1904", f"these texts are left out: {message}", place, help=way_out)
            else:
                yield warning("PC1902", f"this template is left out: {message}", place, help=way_out)

    def save(self) -> None:
        """Remember what was read."""
        if self._library is not None:
            self._library.save()

    def unfold(self, id: str, tree: dict[str, Any], at: Location, found: list[Diagnostic]) -> list[PartTree] | None:
        """The settings of a tree with `group_policy`; None where an error was added to `found`."""
        said: dict[str, Any] = tree["group_policy"]
        node = at.below("group_policy")
        named = self._named(said["policy"], node.below("policy"), found)
        scope = None if named is None else scope_of(named, said, node, found)
        if named is None or scope is None:
            return None
        from policyc.definitions import State, Unfolding, unfolding
        from policyc.definitions.naming import crowded, part_id

        state, options = State(said["state"]), said.get("options", {})
        if options and state is not State.ENABLED:
            message = f"options of a policy that is {state.replace('_', ' ')} mean nothing"
            way_out = "take 'options' out, or write 'state: enabled'"
            cures = [remove(node.below("options")), write(node.below("state"), "enabled")]
            found.append(error("PC1910", message, node.below("options").key(), help=way_out, cures=cures))
            return None
        unfolded = unfolding(named.policy, state, options)
        if not isinstance(unfolded, Unfolding):
            found += (misfit(named, one, node) for one in unfolded)
            return None
        parts, lists, shared = unfolded.split()
        if not parts and not lists:
            found.append(writes_nothing(named, state, node))
        found += (others_stay(named, option, node) for option in shared)
        head = _Head(_head(named, tree), _HIVES[scope], at, node)
        same = crowded(option.id for option in named.policy.options)
        return [
            *(_part(head, part, part_id(id, part.about, same)) for part in parts),
            *(_whole_key(head, option, kept, part_id(id, option.id, same)) for option, kept in lists),
        ]

    def _named(self, name: str, node: Location, found: list[Diagnostic]) -> Named | None:
        if not self.folders:
            message = "the project names no folder of administrative templates, so no policy has a name"
            way_out = f"write 'definitions: [definitions]' in {PROJECT}, with the folder that holds the templates"
            found.append(error("PC1905", message, node, help=way_out))
            return None
        from policyc.definitions import Named

        known = self.library.find(name)
        if isinstance(known, Named):
            return known
        found.append(missing(name, known, node))
        return None

    def contradictions(self, setting: Setting) -> Iterator[Diagnostic]:
        """A registry setting whose type is none that a template writes in its place: Windows won't read it."""
        about = setting.subject
        if not self.folders or not isinstance(about, Registry) or about.kind is None or about.place.name is None:
            return
        if about.condition.operator in _ASKED_ANYWAY or _is_known(about):
            return
        scope = _SCOPES.get(about.place.hive)
        if scope is None:
            return
        from policyc.definitions import Scope

        writers = [one for one in self.library.writers(Scope(scope), _key(about.place), about.place.name) if one.types]
        types = dict.fromkeys(kind for one in writers for kind in one.types)
        if not writers or about.kind.value in types:
            return
        meant = " or ".join(types)
        message = f"'{writers[0].policy}' writes {meant} here, and what is read there isn't {_article(about.kind)}"
        named = self.library.named(one.policy for one in writers[:3])
        related = [Related(place(one, one.policy.line), f"the policy '{one.id}'") for one in named]
        way_out = f"write 'type: {meant}' with data of that type, or the policy by its name"
        yield warning("PC1917", message, setting.origin.below("registry", "type"), help=way_out, related=related)


def _is_known(about: Registry) -> bool:
    """Whether another finding says what type Windows reads there."""
    from policyc.vocabularies import known_value

    return known_value(about.place.hive, about.place.key, about.place.name or "") is not None


def _article(kind: Kind) -> str:
    return f"a {kind.value}" if kind is not Kind.EXPAND_STRING else "an expand_string"


def _key(place: Place) -> str:
    """The key of a place as templates write it."""
    if place.view is View.BITS_32:
        first, _, rest = place.key.partition("\\")
        return f"{first}\\Wow6432Node\\{rest}"
    return place.key


def _head(named: Named, tree: dict[str, Any]) -> dict[str, Any]:
    """What all its settings have in common: what the policy file says, and else what the template does."""
    head = {word: value for word, value in tree.items() if word != "group_policy"}
    head.setdefault("title", _line(named.policy.title) or named.policy.name)
    if "why" not in head:
        supported = _line(named.policy.supported)
        why = [_paragraph(named.policy.why), f"Supported on: {supported}" if supported else ""]
        head["why"] = "\n".join(filter(None, why))
    if "applies_to" not in head:
        build = next((build for name, build in _BUILDS if name.fullmatch(named.policy.since)), None)
        if build is not None:
            head["applies_to"] = {"from_build": build}
    return head


def _line(text: str) -> str:
    """A text on one line, as a title has to be."""
    return " ".join(_CONTROLS.sub(" ", text).split())[:_LONGEST_TITLE].strip()


def _paragraph(text: str) -> str:
    """The first paragraph of an explanation, as far as its last sentence that there is room for."""
    first = _CONTROLS.sub(" ", re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip(), maxsplit=1)[0])
    whole = " ".join(first.split())
    if len(whole) <= _LONGEST_WHY:
        return whole
    kept = whole[:_LONGEST_WHY].rpartition(". ")[0]
    return f"{kept}." if kept else f"{whole[: _LONGEST_WHY - 3].rpartition(' ')[0]}..."


@dataclass(frozen=True, slots=True)
class _Head:
    """What all settings of a policy have in common."""

    tree: dict[str, Any]
    hive: str
    at: Location
    node: Location

    def place(self, way: tuple[str | int, ...]) -> Location:
        """Where its registry setting stands: what is written, at the way below `group_policy`."""
        said = self.node.below(*way)
        return moved(self.at, (("registry",), self.node), *((("registry", word), said) for word in ("equals", "only_values")))


def _whole_key(head: _Head, option: Option, kept: tuple[Part, ...], own: str) -> PartTree:
    """The key of a list that holds its values and no others."""
    registry: dict[str, Any] = {"key": f"{head.hive}\\{option.key}"}
    if kept:
        registry |= {"type": kept[0].type, "only_values": {part.name: part.data for part in kept}}
    else:
        registry["only_values"] = []
    tree = {**head.tree, "title": _titled(head.tree["title"], option.label or option.id), "registry": registry}
    return PartTree(own, tree, head.place(kept[0].way if kept else ("policy",)))


def _titled(title: str, label: str) -> str:
    shown = _line(label)[: _LONGEST_TITLE // 2]
    return f"{title[: _LONGEST_TITLE - len(shown) - 2].strip()}: {shown}".strip(": ")


def _part(head: _Head, part: Part, own: str) -> PartTree:
    title = _titled(head.tree["title"], part.label) if part.about else head.tree["title"]
    registry: dict[str, Any] = {"key": f"{head.hive}\\{part.key}", "name": part.name}
    if part.type is None:
        registry["absent"] = True
    else:
        registry |= {"type": part.type, "equals": list(part.data) if isinstance(part.data, tuple) else part.data}
    return PartTree(own, {**head.tree, "title": title, "registry": registry}, head.place(part.way))
