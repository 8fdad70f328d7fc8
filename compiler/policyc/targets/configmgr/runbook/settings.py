"""A setting in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from policyc.kinds import OTHERS, must, written
from policyc.kinds.effects import effect_text
from policyc.model import (
    Append,
    Applicability,
    CreateKey,
    Data,
    DeleteValue,
    Hive,
    KeepListed,
    Kind,
    Layer,
    Operator,
    Registry,
    RemoveTree,
    Role,
    Setting,
    SetValue,
    of_registry,
)
from policyc.targets.text import code, markdown

_MASKED = "(masked)"
_LONGEST = 200
"""Characters of one value that a runbook shows."""

_SENTENCES = {
    Operator.EQUALS: "it equals {0}",
    Operator.NOT_EQUALS: "it is not {0}",
    Operator.AT_LEAST: "it is at least {0}",
    Operator.AT_MOST: "it is at most {0}",
    Operator.BETWEEN: "it is between {0} and {1}, both included",
    Operator.ONE_OF: "it is one of {all}",
    Operator.NONE_OF: "it is none of {all}",
    Operator.MATCHES: "all of it matches the pattern {0}",
    Operator.CONTAINS: "it holds {all}",
    Operator.SET_EQUALS: "it holds {all} and nothing else, in any order",
    Operator.PRESENT: "it is there",
    Operator.ABSENT: "it is not there",
}
_WHOSE = {
    Hive.USER: ", of every user whose hive is loaded",
    Hive.SYSTEM: ", of the system account and the sign-in screen",
    Hive.LOCAL_SERVICE: ", of the account Local Service",
    Hive.NETWORK_SERVICE: ", of the account Network Service",
}
_HOLDS_WHERE_ABSENT = {Operator.ABSENT, Operator.NOT_EQUALS, Operator.NONE_OF}


def group_lines(settings: Sequence[Setting]) -> Iterator[str]:
    """The settings of a group. What a baseline declares stands in its own file and, as it holds here, in `resolved.yaml`: of
    a setting that came as it is, a page says no more than which it is.
    """
    own = [setting for setting in settings if _is_own(setting)]
    for setting in own:
        yield from setting_lines(setting)
    files: dict[tuple[str, str], list[Setting]] = {}
    for setting in settings:
        if setting.layer is not None and not _is_own(setting):
            files.setdefault((" > ".join(setting.layer.baselines), setting.origin.file), []).append(setting)
    for (baseline, file), found in files.items():
        if own:
            yield ""
        yield f"As the baseline {markdown(baseline)} has them, in {code(file)}; `resolved.yaml` has all of each:"
        yield ""
        for setting in found:
            yield f"- `{setting.id}`: {markdown(setting.title)}"
        own = found


def kind_notes(settings: Iterable[Setting]) -> Iterator[str]:
    """What is to be known of the kinds of settings, once for all that are of one."""
    for word in dict.fromkeys(setting.subject.word for setting in settings):
        if word in OTHERS and OTHERS[word].note:
            yield from ("", OTHERS[word].note)


def _is_own(setting: Setting) -> bool:
    """It stands in the collection's own file, or its baseline's says less than holds here: an override, a variable."""
    return setting.layer is None or bool(setting.layer.changes or setting.variables)


def setting_lines(setting: Setting) -> Iterator[str]:
    """An item of a list, with an item below it for each thing to know."""
    yield f"- `{setting.id}`: {markdown(setting.title)}"
    yield from _about_registry(setting) if isinstance(setting.subject, Registry) else _about(setting)
    if setting.applies_to.of_windows:
        yield f"  - Only {_applies_to(setting.applies_to)}; on other devices it counts as compliant"
    if setting.applies_to.only_if is not None:
        fact = code(str(setting.applies_to.only_if))
        yield f"  - Only if {fact} is there; on other devices it is not applicable, and never changed"
    if (effect := effect_text(setting)) is not None:
        yield f"  - Takes effect {effect}"
    if setting.layer is not None:
        yield f"  - From {_layer(setting.layer)}"
    if setting.why:
        yield f"  - Why: {markdown(' '.join(setting.why.split()))}"
    if setting.references:
        yield f"  - References: {', '.join(map(markdown, setting.references))}"


def _about(setting: Setting) -> Iterator[str]:
    subject = setting.subject
    yield f"  - Place: {code(str(subject.place))}, in logs {code(str(OTHERS[subject.word].row(subject)['Place']))}"
    yield f"  - Must {markdown(must(setting))}"
    yield f"  - Remediation: {markdown(written(setting))}"


def _about_registry(setting: Setting) -> Iterator[str]:
    subject = of_registry(setting)
    kind = f", {subject.kind}" if subject.kind else ""
    yield f"  - Place: {code(str(subject.place))}{kind}{_WHOSE.get(subject.place.hive, '')}"
    yield f"  - Compliant where {_condition(setting)}"
    yield f"  - {_write(setting)}"


def _applies_to(of: Applicability) -> str:
    """The devices in words.

    >>> _applies_to(Applicability(22000, 26100, Role.WORKSTATION))
    'on workstations from build 22000 on and before build 26100'
    """
    bounds = [
        f"{words[0]}build {build}{words[1]}"
        for build, words in ((of.from_build, ("from ", " on")), (of.before_build, ("before ", "")))
        if build is not None
    ]
    where = {Role.WORKSTATION: "on workstations", Role.SERVER: "on servers", None: "on Windows"}[of.role]
    return " ".join(filter(None, (where, " and ".join(bounds))))


def _layer(layer: Layer) -> str:
    way = " > ".join(markdown(name) for name in layer.baselines)
    changes = [f"overridden by {markdown(one.by)}: {markdown(' '.join(one.reason.split()))}" for one in layer.changes]
    return "; ".join((f"the baseline {way}", *changes))


def data_text(data: Data, *, sensitive: bool = False) -> str:
    """A value as Markdown.

    >>> print(data_text("a"), data_text(5), data_text(b"\\x01"), data_text(("a", "")))
    `"a"` `5` `01` `"a"`, `""`
    """
    if sensitive:
        return _MASKED
    if isinstance(data, tuple):
        return ", ".join(map(data_text, data)) or "the empty list"
    if isinstance(data, bytes):
        return code(_cut(data.hex())) if data else "no bytes"
    if isinstance(data, int):
        return f"`{data}`"
    return code(f'"{_cut(data)}"')


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def _condition(setting: Setting) -> str:
    subject = of_registry(setting)
    condition = subject.condition
    operator = condition.operator
    if operator is Operator.ONLY_VALUES:
        return _only(subject, sensitive=setting.sensitive)
    shown = [_MASKED] if setting.sensitive else [data_text(operand) for operand in condition.operands]
    if setting.sensitive:
        shown *= max(1, len(condition.operands))
        text = _SENTENCES[operator].format(*shown, all=_MASKED)
    else:
        text = _SENTENCES[operator].format(*shown, all=", ".join(shown) or "nothing")
    if condition.exact_case and _is_text(subject.kind):
        text += " (upper and lower case differ)"
    return text + _absence(setting, operator)


def _only(subject: Registry, *, sensitive: bool) -> str:
    if not subject.values:
        return "it holds no values; keys below it don't count"
    named = []
    for value in subject.values:
        name = code(value.name) if value.name else "its default value"
        named.append(f"{name} = {data_text(value.data, sensitive=sensitive)} ({value.kind})")
    case = " (upper and lower case differ)" if subject.condition.exact_case else ""
    return f"it holds these values and no others, keys below it not counted: {'; '.join(named)}{case}"


def _is_text(kind: Kind | None) -> bool:
    return kind is not None and (kind.is_text or kind is Kind.MULTI_STRING)


def _absence(setting: Setting, operator: Operator) -> str:
    subject = of_registry(setting)
    if operator in {Operator.PRESENT, Operator.ABSENT}:
        return ""
    if subject.pin:
        return "; an absent value fails, even if the default would do"
    if subject.default is not None:
        return f"; an absent value counts as {data_text(subject.default, sensitive=setting.sensitive)}"
    return "; an absent value is compliant" if operator in _HOLDS_WHERE_ABSENT else "; an absent value fails"


def _write(setting: Setting) -> str:
    subject = of_registry(setting)
    write = subject.write
    match write:
        case None:
            return "Remediation: none, it is reported only"
        case SetValue():
            text = f"Remediation writes {data_text(write.data, sensitive=setting.sensitive)}"
        case Append():
            text = f"Remediation appends what is missing of {data_text(write.elements, sensitive=setting.sensitive)}"
        case DeleteValue():
            text = "Remediation deletes the value"
        case CreateKey():
            text = "Remediation creates the key"
        case RemoveTree():
            text = "Remediation removes the key with everything below it, and keeps each of its values in the journal"
        case KeepListed():
            text = "Remediation writes each of them that is missing or different" if subject.values else ""
            text = f"{text}, and deletes every other value" if text else "Remediation deletes every value"
    if subject.clear_on_undo:
        text += "; where there was no value before, rollback clears the data and keeps the value"
    return text
