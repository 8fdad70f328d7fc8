"""A template from its two files, whatever they hold: what can't be read is a fault of it."""

from __future__ import annotations

from pathlib import Path

from policyc.definitions.folders import Files, content
from policyc.definitions.reading import template
from policyc.definitions.template import Fault, Template
from policyc.definitions.texts import NO_TEXTS, Texts, texts
from policyc.definitions.xml import Element, XmlError, parse

_NOT_ONE = "take it out of the folder, or take the vendor's file again"


def load(files: Files, of_template: bytes | None, of_texts: bytes | None) -> Template:
    """The template with its texts. A broken file of texts costs the texts, and nothing else."""
    faults: list[Fault] = []
    known = NO_TEXTS
    if files.texts:
        root = _root(of_texts, "policyDefinitionResources", faults, in_texts=True)
        known = Texts({}, {}) if root is None else texts(root)
    root = _root(of_template, "policyDefinitions", faults, in_texts=False)
    if root is None:
        return Template(files.stem, files.template, files.texts, faults=tuple(faults))
    made = template(files.stem, files.template, root, known, files.texts)
    return Template(made.stem, made.file, made.texts, made.policies, made.broken, tuple(faults))


def load_from(root: Path, files: Files) -> Template:
    """The same, from disk."""
    return load(files, content(root, files.template), content(root, files.texts) if files.texts else None)


def _root(data: bytes | None, name: str, faults: list[Fault], *, in_texts: bool) -> Element | None:
    if data is None:
        way_out = "check that it is a file that the account of this run may read"
        faults.append(Fault("it can't be read", way_out, None, in_texts))
        return None
    try:
        root = parse(data)
    except XmlError as failure:
        faults.append(Fault(str(failure), failure.help, failure.line, in_texts))
        return None
    if root.name != name:
        faults.append(Fault(f"its root is '{root.name[:40]}' and not '{name}'", _NOT_ONE, root.line, in_texts))
        return None
    return root
