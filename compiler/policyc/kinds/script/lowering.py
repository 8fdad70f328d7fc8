"""The words below `script:` as the model has them, and what is wrong with the files that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from policyc.diagnostics import Diagnostic, error, note, warning
from policyc.diagnostics.cures import remove, write
from policyc.kinds.script.subject import ID, READ, SECONDS, TEXTS, OwnScript, ScriptPlace
from policyc.kinds.script.tokens import read, strange
from policyc.kinds.texts import Text
from policyc.model import Location
from policyc.source.beside import Beside
from policyc.source.reading import position

_SIGNED = re.compile(r"^# SIG # Begin signature block", re.MULTILINE)
_ENDS_WELL = re.compile(r"(?:0|\$null)?")


def lower(tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> OwnScript | None:
    """The own script of the setting that stands at `at`; None where an error was added to `found`."""
    said: dict[str, Any] = tree["script"]
    node = at.below("script")
    files: Mapping[str, Beside | Diagnostic] | None = said[READ]
    told: list[Diagnostic] = []
    texts: dict[str, Text] = {}
    for word in TEXTS:
        if word in said:
            texts[word] = _text(word, said, node, files, told)
    told += _about_words(said, node)
    found += told
    if any(one.is_error for one in told):
        return None
    remediation = texts.get("remediation")
    return OwnScript(
        ScriptPlace(said[ID]),
        texts["discovery"],
        said["expect"],
        remediation,
        texts.get("rollback"),
        said.get("time_limit", SECONDS),
        writes=remediation is not None and not audit and tree.get("remediate", True),
    )


def _text(
    word: str,
    said: Mapping[str, Any],
    node: Location,
    files: Mapping[str, Beside | Diagnostic] | None,
    told: list[Diagnostic],
) -> Text:
    pinned = said.get("sha256", {}).get(word)
    if files is None:
        # An output is read back, which has no texts.
        return Text(said[word], pinned or "")
    beside = files[word]
    if isinstance(beside, Diagnostic):
        told.append(beside)
        return Text(said[word], "")
    wrong = list(_about_text(beside, word))
    told += wrong
    if any(one.is_error for one in wrong):
        return Text(said[word], "", beside.file)
    digest = sha256(beside.text.encode("ascii")).hexdigest()
    if pinned is not None and pinned.lower() != digest:
        place = node.below("sha256", word)
        message = f"'{beside.file}' has not the SHA-256 that the policy asks for: its text has changed since"
        way_out = f"read the text, and write {digest}"
        told.append(error("PC1609", message, place, help=way_out, cures=[write(place, digest)]))
    return Text(said[word], digest, beside.file, beside.text)


def _about_text(beside: Beside, word: str) -> Iterator[Diagnostic]:
    text = beside.text

    def there(offset: int) -> Location:
        line, column = position(text, offset)
        return Location(beside.file, line=line, column=column)

    for offset, sign in strange(text):
        named = f"U+{ord(sign):04X}"
        message = f"'{beside.file}' holds the character {named}, which not every PowerShell reads as it was written"
        yield error("PC1603", message, there(offset), help=f"write it as [char]0x{ord(sign):04X}, or take it out")
        return
    if (signed := _SIGNED.search(text)) is not None:
        message = f"'{beside.file}' is signed already, and the signature wouldn't outlive git"
        way_out = "take the signature out: 'policyc sign' signs the file with all others that are distributed"
        yield error("PC1605", message, there(signed.start()), help=way_out)
        return
    fault, exits = read(text)
    if fault is not None:
        yield error("PC1604", f"PowerShell can't parse '{beside.file}': {fault.message}", there(fault.offset), help="close it")
    for one in exits:
        if word == "discovery" and not _ENDS_WELL.fullmatch(one.code):
            message = "a discovery script that ends with another exit code than 0 has failed, whatever it printed"
            way_out = "print a line that says what is there instead, and let the script come to its end"
            yield warning("PC1606", message, there(one.offset), help=way_out)


def _about_words(said: Mapping[str, Any], node: Location) -> Iterator[Diagnostic]:
    if "remediation" in said and "rollback" not in said:
        message = "no script takes back what the remediation does, so no rollback does either"
        way_out = "add one as 'rollback', if there is a way back"
        yield note("PC1608", message, node.below("remediation").key(), help=way_out)
    if "rollback" in said and "remediation" not in said:
        message = "'rollback' has nothing to take back: without 'remediation' nothing is changed"
        way_out = "add the script that changes something as 'remediation', or take 'rollback' out"
        cures = [remove(node.below("rollback"))]
        yield error("PC1607", message, node.below("rollback").key(), help=way_out, cures=cures)
