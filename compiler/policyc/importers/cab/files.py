"""The digests in a cabinet, or the one that the file itself is."""

from __future__ import annotations

from dataclasses import dataclass

from policyc.importers.found import MissingPackageError, Refused
from policyc.registry_files import FormatError
from policyc.targets.configmgr.digest import DigestError, open_cabinet
from policyc.targets.configmgr.digest.errors import MissingPackageError as NotInstalledError
from policyc.targets.configmgr.digest.exported import Exported
from policyc.targets.configmgr.digest.reading_exported import read_exported, read_texts

_LZX = "the cabinet is packed with LZX"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds."""

    objects: tuple[Exported, ...]
    refused: tuple[Refused, ...]
    """Files of other kinds."""


def contents(data: bytes, name: str) -> Contents:
    """The objects that the file describes. FormatError for what isn't of the format."""
    if not data.startswith(b"MSCF"):
        try:
            return Contents((read_exported(data, {}),), ())
        except DigestError as error:
            raise FormatError(str(error)) from None
    try:
        files = open_cabinet(data)
    except NotInstalledError as error:
        raise MissingPackageError(error.what, error.install) from None
    except DigestError as error:
        raise FormatError(_advice(str(error), name)) from None
    texts: dict[str, str] = {}
    for path in sorted(files):
        if path.lower().endswith(".resx"):
            texts |= _texts(files[path], path)
    digests = [path for path in files if path.lower().endswith(".xml")]
    if not digests:
        raise FormatError("the cabinet holds no digest (.xml) of a configuration item or baseline")
    others = [path for path in files if not path.lower().endswith((".xml", ".resx"))]
    return Contents(
        tuple(_object(files[path], path, texts) for path in digests),
        tuple(Refused(name, path, "it is neither a digest (.xml) nor the texts of one (.resx)") for path in others),
    )


def _advice(message: str, name: str) -> str:
    if not message.startswith(_LZX):
        return message
    return f"{message} ('expand.exe -F:* {name} FOLDER'), and import the .xml files that come out"


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
