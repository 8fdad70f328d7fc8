"""The words below `environment_variable:` as the model has them, and what would break a device."""

from __future__ import annotations

import re
from typing import Any

from policyc.diagnostics import Diagnostic, error, warning
from policyc.diagnostics.cures import remove, write
from policyc.kinds.duplicates import warn_of_repeated
from policyc.kinds.environment_variable.subject import EnvironmentVariable, VariablePlace
from policyc.kinds.environment_variable.texts import TYPES, Type, entries, folded, keys, refers
from policyc.model import Location, Operator, upper
from policyc.source.wording import as_yaml, listed, quoted

_OPERATORS = {
    operator.value: operator
    for operator in (Operator.EQUALS, Operator.CONTAINS, Operator.NONE_OF, Operator.PRESENT, Operator.ABSENT)
}
_BESIDE = {
    "set": (Operator.PRESENT,),
    "case": (Operator.EQUALS,),
    "type": (Operator.EQUALS, Operator.CONTAINS, Operator.PRESENT),
}
_WITHOUT_WHICH = frozenset({"PATH", "PATHEXT", "COMSPEC", "WINDIR"})
"""Windows and nearly all programs look for them."""
_OF_WINDOWS = _WITHOUT_WHICH | {
    *("DRIVERDATA", "NUMBER_OF_PROCESSORS", "OS", "PROCESSOR_ARCHITECTURE", "PROCESSOR_IDENTIFIER", "PROCESSOR_LEVEL"),
    *("PROCESSOR_REVISION", "PSMODULEPATH", "TEMP", "TMP", "USERNAME"),
}
"""Those that Setup makes in the machine's key."""
_FOLDERS = frozenset({"PATH", "PSMODULEPATH"})
"""Lists of folders in which programs, or modules, are looked for: by SYSTEM, too."""
_ROOT = r"(?:%SYSTEMROOT%|%WINDIR%|%SYSTEMDRIVE%\\WINDOWS|[A-Z]:\\WINDOWS)"
_WINDOWS_FOLDER = re.compile(rf"{_ROOT}(?:\\SYSTEM32(?:\\WBEM|\\WINDOWSPOWERSHELL\\V1\.0)?)?")
_SYSTEM32 = re.compile(rf"{_ROOT}\\SYSTEM32")
_OF_USERS = re.compile(
    r"%(?:TEMP|TMP|USERPROFILE|APPDATA|LOCALAPPDATA|HOMEPATH|HOMEDRIVE|PUBLIC|ONEDRIVE)%|(?:[A-Z]:|%SYSTEMDRIVE%)\\(?:USERS|TEMP)(?:\\|\Z)"
)
_WHOLE = re.compile(r"[A-Z]:\\|\\\\|%", re.IGNORECASE)


def lower(tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> EnvironmentVariable | None:
    """The subject of a setting's tree; None where an error was added to `found`."""
    said, node = tree["environment_variable"], at.below("environment_variable")
    before = sum(one.is_error for one in found)
    place = variable(said["name"], node.below("name"), found)
    operator = next(_OPERATORS[word] for word in said if word in _OPERATORS)
    writes = not audit and tree.get("remediate", True)
    texts = _texts(operator, said, node, found)
    for word, beside in _BESIDE.items():
        if word in said and operator not in beside:
            message = f"'{word}' has no meaning beside '{operator}', only beside {listed(beside)}"
            found.append(error("PC1807", message, node.below(word).key(), help="take it out", cures=[remove(node.below(word))]))
    if operator is Operator.PRESENT and writes and "set" not in said:
        message = "what is to be set where there is none isn't said"
        way_out = "say it in 'set: …', or write 'remediate: false'"
        found.append(error("PC1806", message, node.below("present").key(), help=way_out))
    if place is None or sum(one.is_error for one in found) > before:
        return None
    text = said.get("set", "")
    needs_type = operator in _BESIDE["type"] and any(map(refers, (*texts, text)))
    kind = TYPES[said["type"]] if "type" in said else Type.EXPAND_STRING if needs_type else None
    subject = EnvironmentVariable(place, operator, texts, kind, said.get("case") == "exact", text, writes)
    if _breaks(subject, node, found):
        return None
    if upper(place.name) in _FOLDERS:
        _warn_of_open(said, node, found)
    return subject


def variable(said: str, at: Location, found: list[Diagnostic], *, on_key: bool = False) -> VariablePlace | None:
    """A variable by its name."""
    name = said.strip().strip("%")
    if said == name and name and "=" not in name:
        return VariablePlace(name)
    message = f"{quoted(said)} is no name of an environment variable"
    if not name or "=" in name:
        found.append(error("PC1801", message, at.key() if on_key else at, help="write its name alone, such as JAVA_HOME"))
        return None
    cures = [] if on_key else [write(at, as_yaml(name))]
    found.append(error("PC1801", message, at.key() if on_key else at, help=f"write {as_yaml(name)}", cures=cures))
    return None


def _texts(operator: Operator, said: dict[str, Any], node: Location, found: list[Diagnostic]) -> tuple[str, ...]:
    """What is asked for; of a list, each entry once."""
    if operator is Operator.EQUALS:
        return (said["equals"],)
    if operator not in (Operator.CONTAINS, Operator.NONE_OF):
        return ()
    at = node.below(operator.value)
    entries_ = tuple(said[operator.value])
    for index, entry in enumerate(entries_):
        if not folded(entry) or ";" in entry or '"' in entry or entry != entry.strip():
            message = f"{quoted(entry)} is not one entry of a list"
            way_out = "write each folder by itself, without ';', quotes and spaces around it"
            found.append(error("PC1802", message, at.below(index), help=way_out))
    warn_of_repeated(tuple(map(folded, entries_)), at, found, exact_case=True, can_be_exact=False)
    return tuple({folded(entry): entry for entry in reversed(entries_)}.values())[::-1]


def _breaks(subject: EnvironmentVariable, node: Location, found: list[Diagnostic]) -> bool:
    """Whether what is asked is refused; what may do harm is told."""
    at, name = node.below(subject.asked), upper(subject.place.name)
    why = _refused(subject, name)
    if why:
        message = f"with {subject.place} like this Windows doesn't work any more: {why}"
        way_out = "leave what Windows needs, and name in 'contains' what else has to be there"
        found.append(error("PC1804", message, at, help=way_out))
        return True
    if subject.writes and name in _OF_WINDOWS and subject.operator in (Operator.EQUALS, Operator.ABSENT):
        lost = ", and what products have put into it is lost" if name in _FOLDERS | {"PATHEXT"} else ""
        message = f"Windows itself makes {subject.place}, and programs count on it{lost}"
        way_out = "write 'contains' or 'none_of' for the entries that matter" if lost else "leave it as Windows has it"
        found.append(warning("PC1803", message, at.key(), help=way_out))
    return False


def _refused(subject: EnvironmentVariable, name: str) -> str:
    """What Windows can't do without."""
    if subject.operator is Operator.ABSENT and name in _WITHOUT_WHICH:
        return "it is gone"
    if name != "PATH":
        return ""
    if subject.operator is Operator.EQUALS and not any(map(_SYSTEM32.fullmatch, keys(entries(subject.texts[0])))):
        return r"the folder '%SystemRoot%\system32' is not in it"
    refused = [text for text in subject.texts if _WINDOWS_FOLDER.fullmatch(folded(text))]
    if subject.operator is Operator.NONE_OF and refused:
        return f"{quoted(refused[0])} is taken out"
    return ""


def _warn_of_open(said: dict[str, Any], node: Location, found: list[Diagnostic]) -> None:
    """Of folders into which a user may put a program that SYSTEM then runs."""
    places = [(entry, node.below("contains", index)) for index, entry in enumerate(said.get("contains", ()))]
    for entry, at in places or [(entry, node.below("equals")) for entry in entries(said.get("equals", ""))]:
        if not entry or (_WHOLE.match(entry) and not _OF_USERS.match(folded(entry))):
            continue
        message = f"users may put programs into {quoted(entry)}, which services and SYSTEM then find"
        way_out = r"name a folder by its whole path that only administrators write to, such as '%ProgramFiles%\Example'"
        found.append(warning("PC1805", message, at, help=way_out))
