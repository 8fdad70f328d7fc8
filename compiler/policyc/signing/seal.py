"""The signature of a file, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from policyc.model.records import dataclass
from policyc.signing import cabinet, signature
from policyc.signing.pkcs7 import read_pkcs7

MAX_UNSIGNABLE = 3
"""Windows takes no file of so few bytes for a script."""


@dataclass(frozen=True, slots=True)
class _Kind:
    pkcs7: Callable[[bytes], bytes | None]
    unsigned: Callable[[bytes], bytes]
    digest: Callable[[bytes, str], bytes | None]


_SCRIPT = _Kind(signature.pkcs7_of, signature.without_signature, signature.digest_of)
_CABINET = _Kind(cabinet.pkcs7_of, cabinet.without_signature, cabinet.digest_of)
_KINDS = {".ps1": _SCRIPT, ".psm1": _SCRIPT, ".psd1": _SCRIPT, ".cab": _CABINET}


@dataclass(frozen=True, slots=True)
class Seal:
    """A signature that belongs to the file that has it."""

    unsigned: bytes
    """The file before it was signed, to the byte."""
    identity: str
    """SHA-1 thumbprint of the signer's certificate, in capitals."""
    timestamped: bool


def _kind(path: str | PurePath) -> _Kind | None:
    return _KINDS.get(PurePath(path).suffix.lower())


def can_be_signed(path: str | PurePath) -> bool:
    """Whether files of this name carry signatures here: scripts and cabinets."""
    return _kind(path) is not None


def unsigned_bytes(path: str | PurePath, content: bytes) -> bytes:
    """The file without a signature, whether that fits or not; an unsigned file as it is."""
    kind = _kind(path)
    return kind.unsigned(content) if kind else content


def seal_of(path: str | PurePath, content: bytes) -> Seal | None:
    """The file's signature; None without one, or with one that was made for other bytes.

    The signer's mathematics isn't checked: who can write to the folder of signed files, but not sign, could only make
    files that devices refuse.
    """
    kind = _kind(path)
    if kind is None:
        return None
    der = kind.pkcs7(content)
    signed = read_pkcs7(der) if der is not None else None
    if signed is None or kind.digest(content, signed.algorithm) != signed.digest:
        return None
    return Seal(kind.unsigned(content), signed.thumbprint, signed.timestamped)
