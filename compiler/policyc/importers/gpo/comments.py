"""Comments on settings of administrative templates (`comment.cmtx`): which value each is about only the template knows."""

from __future__ import annotations

import re

from policyc.importers.found import Imported, Refused
from policyc.registry_files import FormatError
from policyc.registry_files.markup import local_name, parse

_STRING = re.compile(r"\$\(resource\.([^)]*)\)")
_LONGEST = 300
_REASON = (
    "the comment names a policy of an administrative template, and only the template says which values that is; where you know "
    "the setting, write the comment as its 'why'"
)


def comments(data: bytes) -> Imported:
    """Each comment, as something that is left to do. Raises FormatError."""
    root = parse(data)
    if local_name(root) != "policyComments":
        raise FormatError(f"its root is {local_name(root)!r}, and comments begin with 'policyComments'")
    texts: dict[str, str] = {}
    spaces: dict[str, str] = {}
    for element in root.iter():
        if local_name(element) == "string":
            texts[element.get("id", "")] = element.text or ""
        elif local_name(element) == "using":
            spaces[element.get("prefix", "")] = element.get("namespace", "")
    refused = []
    for element in root.iter():
        if local_name(element) != "comment":
            continue
        prefix, _, policy = element.get("policyRef", "").rpartition(":")
        named = ".".join(filter(None, (spaces.get(prefix, prefix), policy)))
        text = _STRING.sub(lambda found: texts.get(found[1], ""), element.get("commentText", ""))
        refused.append(Refused("", f"comment on {named}: {' '.join(text.split())[:_LONGEST]}", _REASON))
    return Imported("", (), tuple(refused), len(refused))
