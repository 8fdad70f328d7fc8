"""What signs files, and what every signing has in common: copies are signed, looked at, and only then put in place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from policyc.signing.seal import MAX_UNSIGNABLE, can_be_signed, seal_of, unsigned_bytes

SignCopies = Callable[[Sequence[tuple[Path, Path]]], None]
"""Signs each first file into the second, which isn't there yet."""

NO_TIME_STAMP = (
    "no time-stamp server is given, so devices refuse these signatures once the certificate has ended: "
    "set POLICYC_SIGN_TIMESTAMP to the address of one (RFC 3161)"
)


class SigningError(Exception):
    """Why nothing can be signed, in words for an administrator, and the way out."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return f"{self.message}; {self.help}" if self.help else self.message


class Signer(Protocol):
    """A certificate, and the program that signs with it."""

    @property
    def identity(self) -> str:
        """SHA-1 thumbprint of the certificate in capitals, as Windows shows it."""

    @property
    def timestamps(self) -> bool:
        """Whether signatures get a time stamp."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the administrator should know of these signatures."""

    def sign(self, paths: Sequence[Path]) -> None:
        """Sign scripts and cabinets in place, replacing a signature that is there.

        Raises SigningError; then each file is either signed or as it was.
        """


def warnings_of(timestamp: str | None) -> tuple[str, ...]:
    """What to tell of a signer with this time-stamp server."""
    return () if timestamp else (NO_TIME_STAMP,)


def sign_in_place(paths: Sequence[Path], identity: str, sign_copies: SignCopies, *, timestamps: bool) -> None:
    """Have copies signed, make sure that they are the same files with that signature, then replace the originals."""
    files = list(dict.fromkeys(path.resolve() for path in paths))
    before = [_read_original(file) for file in files]
    with _copies_beside(files) as copies:
        sign_copies(list(zip(files, copies, strict=True)))
        for file, copy, content in zip(files, copies, before, strict=True):
            _check(file, content, copy, identity, timestamps=timestamps)
        for file, copy in zip(files, copies, strict=True):
            _replace(file, copy)


def _read_original(file: Path) -> bytes:
    if not can_be_signed(file):
        raise SigningError(f"'{file}' is neither a script nor a cabinet", "only .ps1, .psm1, .psd1 and .cab files are signed")
    try:
        content = file.read_bytes()
    except OSError as failure:
        raise SigningError(f"'{file}' can't be read: {failure.strerror}") from None
    if len(content) <= MAX_UNSIGNABLE:
        raise SigningError(f"'{file}' can't be signed: Windows knows no signature of files of less than 4 bytes")
    return content


@contextmanager
def _copies_beside(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Names for copies, each on the file system of its original and with its suffix, by which tools know what they sign."""
    with ExitStack() as stack:
        try:
            folders = {
                parent: Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".policyc-sign-", dir=parent)))
                for parent in dict.fromkeys(file.parent for file in files)
            }
        except OSError as failure:
            raise SigningError(f"'{failure.filename}' can't be made: {failure.strerror}") from None
        yield [folders[file.parent] / f"{number}{file.suffix}" for number, file in enumerate(files)]


def _check(file: Path, before: bytes, copy: Path, identity: str, *, timestamps: bool) -> None:
    try:
        after = copy.read_bytes()
    except OSError:
        after = before
    if unsigned_bytes(file, after) != unsigned_bytes(file, before):
        raise SigningError(
            f"'{file}' isn't signed: signing would change the file itself",
            "look for a line '# SIG # Begin signature block' in the middle of it",
        )
    seal = seal_of(file, after)
    if seal is None:
        raise SigningError(f"'{file}' isn't signed: the program that signs ended well, but left no signature that fits")
    if seal.identity != identity:
        raise SigningError(f"'{file}' isn't signed: {seal.identity} signed it instead of {identity}")
    if timestamps and not seal.timestamped:
        raise SigningError(f"'{file}' isn't signed: the signature has no time stamp", "see whether the server answers")


def _replace(file: Path, copy: Path) -> None:
    try:
        shutil.copymode(file, copy)
        copy.replace(file)
    except OSError as failure:
        raise SigningError(f"'{file}' can't be replaced by the signed one: {failure.strerror}") from None
