"""Scripts of the administrators' own: files of their own wherever they are distributed, never a part of another."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, error
from policyc.kinds import naming_files, texts_of
from policyc.kinds.texts import Text
from policyc.model import EVERYWHERE, Collection, Project, Setting

_LIMITS = ("applies_to", "only_if")


def has_own(setting: Setting) -> bool:
    """Whether ConfigMgr runs a script of its own for it."""
    return naming_files(setting.subject.word) is not None


def expected(setting: Setting) -> str:
    """What that script prints where all is well."""
    kind = naming_files(setting.subject.word)
    if kind is None:
        raise TypeError(f"'{setting.id}' has no own script")
    return kind.expected(setting.subject)


def own_files(collection: Collection) -> Iterator[tuple[str, Text]]:
    """(Name, text) of each in the collection's `scripts/`, where the engine looks for it (`Read-ScriptFile`)."""
    for setting in collection.settings:
        for word, text in texts_of(setting).items():
            yield f"own-{setting.id}-{word}.ps1", text


def sources(collection: Collection) -> dict[str, str]:
    """The file that each of them comes from, by the end of its path: what a manifest says instead of the policy's."""
    found = {f"scripts/{name}": text.file for name, text in own_files(collection)}
    for setting in collection.settings:
        if "discovery" in (texts := texts_of(setting)):
            found[f"{own_group(setting)}/discovery.ps1"] = texts["discovery"].file
    return found


def own_group(setting: Setting) -> str:
    """The folder of its group. No setting is called so, as no id has two hyphens in a row."""
    return f"own--{setting.id}"


def own_scripts(project: Project) -> Iterator[Diagnostic]:
    """PC1610: ConfigMgr runs the discovery script wherever its item goes, and nothing is in it that could ask first."""
    told: set[tuple[str, tuple[str | int, ...]]] = set()
    for collection in project.collections:
        for setting in collection.settings:
            if setting.applies_to == EVERYWHERE or not has_own(setting):
                continue
            of = setting.applies_to
            word = _LIMITS[0] if of.of_windows else _LIMITS[1]
            place = setting.origin.below(word)
            if (place.file, place.path) not in told:
                told.add((place.file, place.path))
                yield error(
                    "PC1610",
                    f"an own script runs as it stands on every device of its collection: nothing in it minds '{word}'",
                    place,
                    help=f"take '{word}' out, and let the discovery script print what is expected on other devices",
                )
