"""Security templates to settings: their `[Registry Values]`, so far."""

from __future__ import annotations

from policyc.importers.classes import with_classes
from policyc.importers.found import Imported
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
    "system access": "account policies and security options that are no values of the registry",
    "kerberos policy": "Kerberos policies of a domain",
    "event audit": "audit policies of Windows before its subcategories",
    "privilege rights": "user rights",
    "group membership": "members of local groups",
    "service general setting": "start types and permissions of services",
    "registry keys": "permissions of registry keys",
    "file security": "permissions of files",
    "application log": "sizes of event logs",
    "system log": "sizes of event logs",
    "security log": "sizes of event logs",
}


def read(data: bytes, name: str, *, classes: str | None = None) -> Imported:
    """What a security template says of the registry. Raises FormatError."""
    entries: list[Entry] = []
    left_out: list[Malformed] = []
    for line in read_template(data):
        try:
            entries.append(_entry(line, classes))
        except DataError as reason:
            left_out.append(Malformed(line.number, _shown(line), str(reason)))
    return imported(entries, _title(name), lambda number: f"line {number}", left_out, ordered=False)


def _entry(line: TemplateLine, classes: str | None) -> Entry:
    if not line.is_registry:
        what = _ELSEWHERE.get(line.section.lower())
        about = f", which is about {what}" if what else ""
        raise DataError(
            f"it stands in the section [{line.section}]{about}; of a security template only [Registry Values] is imported"
        )
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
