"""Security templates to settings."""

from __future__ import annotations

from dataclasses import replace

from policyc.importers.classes import with_classes
from policyc.importers.found import Found, Imported, NotExpressibleError, Refused
from policyc.importers.inf_sections import SECTIONS
from policyc.importers.registry_entries import imported
from policyc.kinds.registry.places import Complaint, parse_key
from policyc.registry_files import Action, Entry
from policyc.registry_files.reg import Malformed
from policyc.registry_files.security_template import DataError, TemplateLine, read_template, registry_value
from policyc.registry_files.values import decode
from policyc.vocabularies import known_value

_HIVES = {
    "machine": "HKEY_LOCAL_MACHINE",
    "users": "HKEY_USERS",
    "classes_root": "HKEY_CLASSES_ROOT",
}
_ELSEWHERE = {
    "kerberos policy": "domain controllers alone have a Kerberos policy, and have it from Group Policy for their whole domain",
    "event audit": "it is the audit policy of nine categories, which Windows leaves aside where subcategories are set; write "
    "'audit_policy' for the subcategories that are meant",
    "group membership": "members of local groups aren't set by a policy",
    "registry keys": "permissions of registry keys aren't set by a policy",
    "file security": "permissions of files aren't set by a policy",
    "application log": "sizes of event logs are values of the registry now, and Windows leaves this section aside",
    "system log": "sizes of event logs are values of the registry now, and Windows leaves this section aside",
    "security log": "sizes of event logs are values of the registry now, and Windows leaves this section aside",
}


def read(data: bytes, name: str, *, classes: str | None = None) -> Imported:
    """What a security template says. Raises FormatError."""
    entries: list[Entry] = []
    left_out: list[Malformed] = []
    others: list[Found | Refused] = []
    for line in read_template(data):
        source = f"line {line.number}"
        try:
            if line.is_registry:
                entries.append(_entry(line, classes))
            else:
                others += _said(line, source)
        except (DataError, NotExpressibleError) as reason:
            left_out.append(Malformed(line.number, _shown(line), str(reason)))
    registry = imported(entries, _title(name), lambda number: f"line {number}", left_out, ordered=False)
    settings = (*registry.settings, *(one for one in others if isinstance(one, Found)))
    refused = (*registry.refused, *(one for one in others if isinstance(one, Refused)))
    return replace(registry, settings=settings, refused=refused, entries=registry.entries + len(others))


def _said(line: TemplateLine, source: str) -> list[Found | Refused]:
    section = line.section.lower()
    say = SECTIONS.get(section)
    if say is None:
        raise NotExpressibleError(_ELSEWHERE.get(section, f"what the section [{line.section}] says isn't known here"))
    return say(line.text, source)


def _entry(line: TemplateLine, classes: str | None) -> Entry:
    path, name, value = registry_value(line.text)
    first, separator, rest = path.partition("\\")
    hive = _HIVES.get(first.lower())
    if hive is None:
        raise DataError(r"a line here begins with MACHINE\, USERS\ or CLASSES_ROOT\ ")
    key = with_classes(f"{hive}{separator}{rest}", classes)
    _check_kind(key, name, decode(value))
    return Entry(Action.SET, key, name, value, line.number)


def _check_kind(key: str, name: str, said: tuple[object, object] | None) -> None:
    place = parse_key(key, None)
    known = None if isinstance(place, Complaint) else known_value(place.hive, place.key, name)
    if known is not None and said is not None and known.kind is not said[0]:
        raise DataError(
            f"the template says {said[0]}, and Windows keeps this value as {known.kind}: say in a policy what is meant"
        )


def _shown(line: TemplateLine) -> str:
    """The line, as far as its name: what it sets may be long."""
    return f"[{line.section}] {line.text.partition('=')[0].strip()[:200]}"


def _title(name: str) -> str:
    stem = name[: -len(".inf")] if name.lower().endswith(".inf") else name
    # In a policy of Windows every such file has this name.
    return "Security settings of Group Policy" if stem.lower() == "gpttmpl" else stem
