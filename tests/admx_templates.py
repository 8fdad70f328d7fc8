"""Templates for tests, made of a few words."""

from __future__ import annotations

from pathlib import Path

from policyc.definitions import Library, Policy
from policyc.definitions.folders import Files
from policyc.definitions.loading import load

KEY = r"Software\Policies\Example"


def admx(*policies: str) -> str:
    """A template with these policies."""
    return f"<policyDefinitions><policies>{''.join(policies)}</policies></policyDefinitions>"


def adml(strings: str = "", presentations: str = "") -> str:
    """Its texts."""
    tables = f"<stringTable>{strings}</stringTable><presentationTable>{presentations}</presentationTable>"
    return f"<policyDefinitionResources><resources>{tables}</resources></policyDefinitionResources>"


def policy(
    inner: str = "", name: str = "One", scope: str = "Machine", value: str | None = "One", key: str = KEY, more: str = ""
) -> str:
    """A policy. Its presentation is `p`."""
    own = "" if value is None else f'valueName="{value}"'
    head = f'<policy name="{name}" class="{scope}" displayName="The {name}" presentation="$(presentation.p)" key="{key}" {own}'
    return f"{head} {more}>{inner}</policy>"


def elements(*inner: str) -> str:
    """The elements of a policy."""
    return f"<elements>{''.join(inner)}</elements>"


def only(text: str, boxes: str = "", strings: str = "") -> Policy:
    """The policy of a template that has one."""
    shown = adml(strings, f'<presentation id="p">{boxes}</presentation>').encode()
    made = load(Files("example", "definitions/example.admx", "definitions/en-US/example.adml"), admx(text).encode(), shown)
    assert (made.faults, made.broken) == ((), ())
    (found,) = made.policies
    return found


def library(folder: Path, **files: str | bytes) -> Library:
    """A library of files: `one_admx` is `definitions/one.admx`, `en_US__one_adml` is `definitions/en-US/one.adml`."""
    for name, content in files.items():
        way = name.replace("__", "/")
        folders, _, last = way.rpartition("/")
        stem, _, ending = last.rpartition("_")
        place = folder / "definitions" / folders.replace("_", "-") / f"{stem}.{ending}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Library(folder, ("definitions",))
