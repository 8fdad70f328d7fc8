"""Folders of signed output: knowing again what is signed there, and signing only what isn't."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from policyc.model.records import dataclass
from policyc.signing.seal import Seal, can_be_signed, seal_of, unsigned_bytes
from policyc.signing.signer import Signer, SigningError

_STARTED = ("deploy.ps1", "deploy-intune.ps1")
"""Scripts for an administrator's machine: one where collections go by ConfigMgr, the other where they go by Intune."""


@dataclass(frozen=True, slots=True)
class Seals:
    """The signatures in a folder that `policyc sign` wrote; none without a folder, or in one that isn't there."""

    folder: Path | None = None

    @property
    def is_signed(self) -> bool:
        """Whether the folder holds an output that was signed: what an administrator starts says it."""
        if self.folder is None:
            return False
        for name in _STARTED:
            try:
                return seal_of(name, (self.folder / name).read_bytes()) is not None
            except OSError:
                continue
        return False

    def find(self, path: str, content: bytes) -> tuple[bytes, Seal] | None:
        """The signed file at this path and its signature, if it is these bytes that were signed.

        Raises SigningError where there is a file that can't be read.
        """
        if self.folder is None or not can_be_signed(path):
            return None
        file = self.folder / path
        try:
            signed = file.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as failure:
            # Windows lets nobody open a folder, whoever asks.
            if isinstance(failure, PermissionError) and file.is_dir():
                return None
            raise SigningError(f"'{file}' can't be read: {failure.strerror}") from None
        seal = seal_of(path, signed)
        return (signed, seal) if seal is not None and seal.unsigned == content else None

    def sealed(self, path: str, content: bytes) -> bytes:
        """The signed bytes of this file where the folder has them, else the bytes as they are."""
        found = self.find(path, content)
        return found[0] if found else content


def sign_scripts(scripts: Mapping[str, bytes], signer: Signer, known: Seals, scratch: Path) -> dict[str, bytes]:
    """The signed bytes of each script or cabinet, by path.

    Each content is signed once, and not at all where `known` has a signature as this signer would make it, so that a
    second run gives the same bytes. What comes with a signature of its own, as a vendor's script does, keeps that.
    `scratch` is a folder for copies, which are gone afterwards. Raises SigningError, and then nothing was signed.
    """
    done: dict[tuple[str, bytes], bytes] = {}
    own: dict[str, bytes] = {}
    for path, content in sorted(scripts.items()):
        found = known.find(path, content)
        if unsigned_bytes(path, content) != content:
            own[path] = content
        elif found is not None and _is_as_by(signer, found[1]):
            own[path] = found[0]
            done.setdefault(_key(path, content), found[0])
    first: dict[tuple[str, bytes], str] = {}
    for path, content in sorted(scripts.items()):
        if path not in own and _key(path, content) not in done:
            first.setdefault(_key(path, content), path)
    done |= _sign(first, signer, scratch)
    return {path: own[path] if path in own else done[_key(path, content)] for path, content in scripts.items()}


def _key(path: str, content: bytes) -> tuple[str, bytes]:
    """Same key, same signature: tools tell scripts from cabinets by the name."""
    return PurePosixPath(path).suffix.lower(), content


def _is_as_by(signer: Signer, seal: Seal) -> bool:
    """Whether signing again would give nothing better."""
    return seal.identity == signer.identity and (seal.timestamped or not signer.timestamps)


def _sign(wanted: Mapping[tuple[str, bytes], str], signer: Signer, scratch: Path) -> dict[tuple[str, bytes], bytes]:
    if not wanted:
        return {}
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="policyc-", dir=scratch) as folder:
            files = {key: _put(Path(folder), path, key[1]) for key, path in wanted.items()}
            signer.sign(list(files.values()))
            return {key: file.read_bytes() for key, file in files.items()}
    except OSError as failure:
        raise SigningError(f"copies can't be made in '{scratch}': {failure.strerror}") from None


def _put(folder: Path, path: str, content: bytes) -> Path:
    """Write a copy under the script's own path, by which messages name it."""
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ValueError(path)
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file
