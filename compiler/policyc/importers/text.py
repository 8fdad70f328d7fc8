"""The text of an imported policy, as a person would have written it: sections, ids, where each came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from policyc.diagnostics.reporters.plain import plain
from policyc.importers.found import Found, Refused
from policyc.resolved.yaml_text import yaml_text

_BESIDE = (
    "title",
    "why",
    "severity",
    "remediate",
    "applies_to",
    "only_if",
    "takes_effect",
    "native",
    "sensitive",
    "references",
)
_BEFORE = ("key", "name", "type", "view", "case")
_AFTER = ("default", "pin", "set")
_AUDIT = "  mode: audit  # everything is reported, nothing is changed; 'enforce' changes what fails"
_MOST_LISTED = 1000
"""Entries of a kind that a policy lists. The report always has all."""


def tree(setting: Found) -> dict[str, Any]:
    """A setting as the language has it, its words in the order of the reference."""
    others = {**({"title": setting.title} if setting.title else {}), **setting.others}
    ordered = {word: others[word] for word in _BESIDE if word in others}
    said = setting.words
    middle = [word for word in said if word not in _BEFORE and word not in _AFTER]
    words = [*(word for word in _BEFORE if word in said), *middle, *(word for word in _AFTER if word in said)]
    rest = {word: value for word, value in others.items() if word not in ordered}
    return {**ordered, **rest, setting.kind: {word: said[word] for word in words}}


def policy_text(
    head: str,
    name: str,
    remarks: Iterable[str],
    settings: Sequence[Found],
    refused: Sequence[Refused],
    *,
    audit: bool = False,
    overwritten: Sequence[Refused] = (),
) -> str:
    """A whole policy file. `remarks` are lines of its first comment; with `audit` nothing is changed on devices.

    `overwritten` are entries of which others leave nothing, each with where that one stands for its reason.
    """
    lines = [*map(comment, remarks), *_head(head, name), *([_AUDIT] if audit else []), "", "settings:"]
    for section, members in _sections(settings).items():
        if section:
            lines += ["", f"  {comment(section)}"]
        for setting in members:
            lines += ["", *_setting(setting)]
    by_others = [replace(one, reason=f"by {one.reason}") for one in overwritten]
    left_out = (*_listed("Not imported", refused), *_listed("Overwritten by what comes last", by_others))
    return "\n".join([*lines, *left_out]) + "\n"


def collection_of(name: str, remarks: Iterable[str], baselines: Sequence[str]) -> str:
    """A collection that has nothing of its own, and changes nothing."""
    lines = [*map(comment, remarks), *_head("collection", name), _AUDIT]
    return "\n".join(lines) + "\n" + yaml_text({"baselines": list(baselines)})


def _head(head: str, name: str) -> list[str]:
    return yaml_text({head: {"name": name}}).rstrip("\n").split("\n")


def comment(text: str) -> str:
    """A line of a comment, whatever the text holds."""
    return f"# {plain(' '.join(text.split()))}".rstrip()


def _sections(settings: Sequence[Found]) -> Mapping[str, list[Found]]:
    """In the order in which each first comes; those without a section first, as a heading would take them in."""
    found: dict[str, list[Found]] = {"": []}
    for setting in settings:
        found.setdefault(setting.section, []).append(setting)
    return found


def _setting(setting: Found) -> list[str]:
    first, *rest = yaml_text({setting.id: tree(setting)}).rstrip("\n").split("\n")
    remark = setting.source if setting.remark is None else setting.remark
    return [
        f"  {first}  {comment(remark)}" if remark else f"  {first}",
        *(f"  {line}".rstrip() for line in rest),
    ]


def _listed(what: str, left_out: Sequence[Refused]) -> list[str]:
    """All of them, by reason: one that several share stands once, above them."""
    if not left_out:
        return []
    lines = ["", comment(f"{what}: {len(left_out)}")]
    by_reason: dict[str, list[Refused]] = {}
    for one in left_out[:_MOST_LISTED]:
        by_reason.setdefault(one.reason, []).append(one)
    for reason, several in by_reason.items():
        named = [": ".join(filter(None, (one.source, one.what))) for one in several]
        if len(several) == 1:
            lines.append(comment(f"- {': '.join(filter(None, (*named, reason)))}"))
        else:
            lines += [comment(f"- {len(several)} entries: {reason}"), *(f"#   {comment(name)[2:]}" for name in named)]
    more = len(left_out) - _MOST_LISTED
    return [*lines, comment(f"- and {more} more")] if more > 0 else lines
