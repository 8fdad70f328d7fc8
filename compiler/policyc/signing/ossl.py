"""Signing with osslsigncode: a certificate in a file, on any system."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from policyc.signing.seal import seal_of
from policyc.signing.signer import SigningError, sign_in_place, warnings_of

_SECONDS = 120
"""For one file, which with an answering time-stamp server takes a second."""
_ATTEMPTS = 3
"""At a time-stamp server, for each file."""
_READS_STANDARD_INPUT = os.name != "nt"
"""The tool's build for Windows takes a password from a file only."""
_PROBE = b"# A script that shows which certificate signs.\n"
_NO_NEWS = re.compile(
    r"Failed|Succeeded|Script file format: .*|Signature position: .*|Connecting to .*|Enter PEM pass phrase:.*"
    r"|Use the \"-t\" option .*|(?:[0-9A-F]+:)?error:.*"
)
_WORDS_OF_OPENSSL = re.compile(r"[0-9A-F]+:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):")


@dataclass(frozen=True)
class OsslSigner:
    """A certificate with its key in a file (PKCS#12), or in PEM files."""

    tool: Path
    certificate: Path
    key: Path | None = None
    """None for PKCS#12, which holds the key."""
    password: str | None = field(default=None, repr=False)
    timestamp: str | None = None

    @cached_property
    def identity(self) -> str:
        """Thumbprint of the certificate, found by signing a small script: a file may hold a whole chain, or be locked."""
        with tempfile.TemporaryDirectory(prefix="policyc-") as folder:
            probe, signed = Path(folder, "probe.ps1"), Path(folder, "signed.ps1")
            probe.write_bytes(_PROBE)
            self._run(probe, signed, f"'{self.certificate}' can't sign", None)
            seal = seal_of(signed, signed.read_bytes()) if signed.is_file() else None
        if seal is None:
            raise SigningError(f"'{self.tool}' made no signature that can be read", "osslsigncode 2.8 or later is needed")
        return seal.identity

    @property
    def timestamps(self) -> bool:
        """Whether a time-stamp server is given."""
        return self.timestamp is not None

    @property
    def warnings(self) -> tuple[str, ...]:
        """That signatures end with the certificate, where there is no time-stamp server."""
        return warnings_of(self.timestamp)

    def sign(self, paths: Sequence[Path]) -> None:
        """Sign in place; see `Signer`."""
        if not paths:
            return
        sign_in_place(paths, self.identity, self._sign_copies, timestamps=self.timestamps)

    def _sign_copies(self, pairs: Sequence[tuple[Path, Path]]) -> None:
        for file, copy in pairs:
            self._run(file, copy, f"'{file}' isn't signed", self.timestamp)

    def _run(self, file: Path, copy: Path, problem: str, timestamp: str | None) -> None:
        if self.key is None:
            options = ["-pkcs12", str(self.certificate)]
        else:
            options = ["-certs", str(self.certificate), "-key", str(self.key)]
        if timestamp:
            # The tool goes from one server to the next where one doesn't answer.
            options += ["-ts", timestamp] * _ATTEMPTS
        with self._password() as (more, stdin):
            command = [str(self.tool), "sign", *options, *more, "-h", "sha256", "-in", str(file), "-out", str(copy)]
            try:
                # A session of its own has no terminal, where OpenSSL would ask for a password that isn't given.
                done = subprocess.run(  # noqa: S603 - no shell, and the tool is the administrator's
                    command,
                    input=stdin,
                    capture_output=True,
                    timeout=_SECONDS,
                    check=False,
                    start_new_session=True,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except subprocess.TimeoutExpired:
                raise SigningError(f"{problem}: osslsigncode gave no answer in {_SECONDS} s") from None
            except OSError as failure:
                raise SigningError(f"'{self.tool}' can't be started: {failure.strerror}", HOW_TO_GET_IT) from None
        if done.returncode:
            raise self._error(problem, (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace"))

    @contextlib.contextmanager
    def _password(self) -> Iterator[tuple[list[str], bytes]]:
        """The options that hand the password over, and what goes to standard input: never an argument that `ps` shows."""
        if self.password is None:
            yield [], b""
        elif _READS_STANDARD_INPUT:
            yield ["-readpass", "-"], self.password.encode("utf-8", "surrogateescape") + b"\n"
        else:
            with tempfile.TemporaryDirectory(prefix="policyc-") as folder:
                file = Path(folder, "password")
                file.write_bytes(self.password.encode("utf-8", "surrogateescape"))
                yield ["-readpass", str(file)], b""

    def _error(self, problem: str, output: str) -> SigningError:
        lines = [line.strip() for line in output.splitlines()]
        said = [line for line in lines if line and not _NO_NEWS.fullmatch(line)]
        if not said:
            said = [found[1] for line in lines if (found := _WORDS_OF_OPENSSL.match(line))]
        words = "; ".join(dict.fromkeys(said)) or "it gave no reason"
        if self.password:
            words = words.replace(self.password, "***")
        return SigningError(f"{problem}, osslsigncode says: {words}", _way_out(words))


HOW_TO_GET_IT = (
    "install osslsigncode 2.8 or later (a package of that name on Debian, Ubuntu, Fedora and in Homebrew), "
    "or name it in POLICYC_OSSLSIGNCODE"
)


def _way_out(words: str) -> str:
    if "Wrong password" in words:
        return "give the right password, in the file of POLICYC_SIGN_PASSWORD_FILE or in POLICYC_SIGN_PASSWORD"
    if "Unrecognized file type" in words:
        return "osslsigncode before 2.8 signs no scripts: install a later one"
    if "timestamp" in words.lower():
        return "see whether this machine reaches the time-stamp server, or name another one in POLICYC_SIGN_TIMESTAMP"
    return ""
