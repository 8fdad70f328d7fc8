"""The digests in a cabinet, or the one that the file itself is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from policyc.importers.cab.expanding import expanded
from policyc.importers.found import MissingPackageError, Refused, SetError
from policyc.registry_files import FormatError
from policyc.targets.configmgr.digest import DigestError, open_cabinet
from policyc.targets.configmgr.digest.errors import LzxError
from policyc.targets.configmgr.digest.errors import MissingPackageError as NotInstalledError
from policyc.targets.configmgr.digest.exported import Exported
from policyc.targets.configmgr.digest.reading_exported import read_exported, read_texts

T = TypeVar("T")
_RESX = ".resx"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds."""

    objects: tuple[tuple[str, Exported], ...]
    """Each with the file that it is from, where they are several."""
    refused: tuple[Refused, ...]
    """Files of other kinds."""


def contents(data: bytes, name: str) -> Contents:
    """The objects that the file describes. FormatError for what isn't of the format."""
    if not data.startswith(b"MSCF"):
        try:
            return Contents((("", read_exported(data, {})),), ())
        except DigestError as error:
            raise FormatError(str(error)) from None
    files = _unpacked(data, name)
    texts: dict[str, str] = {}
    for path in sorted(files):
        if path.lower().endswith(_RESX):
            texts |= _texts(files[path], path)
    digests = [path for path in files if path.lower().endswith(".xml")]
    if not digests:
        raise FormatError("the cabinet holds no digest (.xml) of a configuration item or baseline")
    others = [path for path in files if not path.lower().endswith((".xml", ".resx"))]
    return Contents(
        tuple(("", _object(files[path], path, texts)) for path in digests),
        tuple(Refused(name, path, "it is neither a digest (.xml) nor the texts of one (.resx)") for path in others),
    )


def of_set(files: Sequence[tuple[str, bytes]]) -> Contents:
    """The objects that several files describe, as those of one cabinet. SetError for one that isn't of the format."""
    texts: dict[str, str] = {}
    for index, (name, data) in enumerate(files):
        if name.lower().endswith(_RESX):
            texts |= _in_set(index, lambda data=data: read_texts(data))  # type: ignore[misc]
    return Contents(
        tuple(
            (name, _in_set(index, lambda data=data: read_exported(data, texts)))  # type: ignore[misc]
            for index, (name, data) in enumerate(files)
            if not name.lower().endswith(_RESX)
        ),
        (),
    )


def _in_set(index: int, read: Callable[[], T]) -> T:
    try:
        return read()
    except DigestError as error:
        raise SetError(index, str(error)) from None


def _unpacked(data: bytes, name: str) -> dict[str, bytes]:
    try:
        return open_cabinet(data)
    except NotInstalledError as error:
        raise MissingPackageError(error.what, error.install) from None
    except LzxError as lzx:
        sizes = dict(lzx.sizes)
        if len(sizes) < len(lzx.sizes):
            raise FormatError("the cabinet holds several files of one name") from None
        found = expanded(data, sizes)
    except DigestError as error:
        raise FormatError(str(error)) from None
    if found is None:
        what = "the cabinet is packed with LZX, which expand.exe, cabextract or 7z unpack, and none of them is here"
        command = f'expand.exe -F:* "{name}" FOLDER'
        way_out = (
            f"install cabextract or 7z, or run '{command}' on Windows and import all .xml files of FOLDER with one command"
        )
        raise MissingPackageError(what, way_out)
    return found


def _object(data: bytes, name: str, texts: dict[str, str]) -> Exported:
    try:
        return read_exported(data, texts)
    except DigestError as error:
        raise FormatError(f"{name}: {error}") from None


def _texts(data: bytes, name: str) -> dict[str, str]:
    try:
        return read_texts(data)
    except DigestError as error:
        raise FormatError(f"{name}: {error}") from None
