"""Rows of earlier versions' tables, as this version would write them: the cabinets of a site may be older than policyc."""

from __future__ import annotations

import re

from policyc.model import Operator
from policyc.powershell.rows import IMPLIED, SINGLE, WORDS
from policyc.powershell.source_patterns import source_pattern
from policyc.powershell.table import Cell, ForeignScriptError, Row

_WORDS = re.compile(r'match "(.*)" as a whole', re.DOTALL)
_OWN = {
    *("Id", "Kind", "Exact", "Default", "Pin", "Applies", "Sensitive", "ClearOnUndo"),
    *("Hive", "View", "Key", "Name", "Condition", "Operand", "Must", "Write", "Data"),
}


def is_earlier(row: Row) -> bool:
    """Whether the row names its condition as earlier versions did."""
    return "Condition" in row


def modern(row: Row) -> Row:
    """The row in the words of this version. ForeignScriptError where no version wrote it."""
    conditions = {operator.value: operator for operator in Operator}
    operator = conditions.get(str(row["Condition"]))
    if operator is None or not row.keys() <= _OWN or not isinstance(row.get("Must"), str):
        raise ForeignScriptError("'Condition' isn't as policyc writes it")
    found: Row = {"Id": row.get("Id", ""), "Key": f"{row.get('Hive')!s}\\{row.get('Key')!s}"}
    if "Name" in row:
        found["Name"] = row["Name"]
    if row.get("View") != 64:
        found["View"] = row.get("View", "")
    if "Kind" in row:
        found["Kind"] = row["Kind"]
    word = WORDS[operator]
    found[word] = _in_hex(row["Operand"]) if "Operand" in row else True
    if operator is Operator.MATCHES and "Sensitive" not in row:
        words = _WORDS.match(str(row["Must"]))
        pattern = source_pattern(str(found[word]), words and words[1], exact_case="Exact" in row)
        if pattern is not None:
            found["Pattern"] = pattern
    for name in ("Exact", "Default", "Pin", "Applies", "Sensitive"):
        if name in row:
            found[name] = _in_hex(row[name])
    found |= _written(row, operator, found[word])
    return found


def _written(row: Row, operator: Operator, asked: Cell) -> Row:
    """What the row says of writing, where it isn't what is asked for."""
    found: Row = {}
    if row.get("Write") == "Set" and ("Data" in row or operator not in SINGLE):
        data = _in_hex(row.get("Data", ""))
        if operator not in IMPLIED or data != asked:
            found["Set"] = data
    elif row.get("Write", "Set") not in ("Set", "Append", "Delete", "CreateKey"):
        raise ForeignScriptError(f"it writes by '{row['Write']!s}'")
    if "ClearOnUndo" in row:
        found["ClearOnUndo"] = row["ClearOnUndo"]
    return found


def _in_hex(cell: Cell) -> Cell:
    if isinstance(cell, bytes):
        return cell.hex().upper()
    return [_in_hex(one) for one in cell] if isinstance(cell, list) else cell
