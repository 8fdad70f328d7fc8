"""Signing on Windows: a certificate of the store, also one whose key is on a card or a token, and Set-AuthenticodeSignature."""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from policyc.model.records import dataclass
from policyc.powershell import render
from policyc.signing.seal import seal_of
from policyc.signing.signer import SigningError, sign_in_place, warnings_of

_SECONDS = 600
"""For all files, and as many more as there are files: a card's owner must find the PIN."""


@dataclass(frozen=True, slots=True)
class WindowsSigner:
    """A certificate in the store of this user or of this machine."""

    tool: Path
    """powershell.exe, or pwsh.exe."""
    identity: str
    timestamp: str | None = None

    @property
    def timestamps(self) -> bool:
        """Whether a time-stamp server is given."""
        return self.timestamp is not None

    @property
    def warnings(self) -> tuple[str, ...]:
        """That signatures end with the certificate, where there is no time-stamp server."""
        return warnings_of(self.timestamp)

    def sign(self, paths: Sequence[Path]) -> None:
        """Sign in place, all in one process; see `Signer`."""
        if paths:
            sign_in_place(paths, self.identity, self._sign_copies, timestamps=self.timestamps)

    def _sign_copies(self, pairs: Sequence[tuple[Path, Path]]) -> None:
        for file, copy in pairs:
            # The bytes alone: a read-only mark or a mark of the web would keep the copy from being signed.
            shutil.copyfile(file, copy)
        said = self._run([copy for _, copy in pairs])
        for (file, copy), words in zip(pairs, said, strict=True):
            if seal_of(copy, copy.read_bytes()) is None:
                raise SigningError(f"'{file}' isn't signed, Set-AuthenticodeSignature says: {words}")

    def _run(self, copies: Sequence[Path]) -> list[str]:
        """What is said of each copy."""
        with tempfile.TemporaryDirectory(prefix="policyc-") as folder:
            files, answers = Path(folder, "files.txt"), Path(folder, "answers.txt")
            files.write_text("".join(f"{copy}\n" for copy in copies), encoding="utf-8", newline="\n")
            script = render(
                "site/sign.ps1.j2",
                files=str(files),
                answers=str(answers),
                thumbprint=self.identity,
                timestamp=self.timestamp,
            )
            done = self._powershell(script, _SECONDS + len(copies))
            said = answers.read_text(encoding="utf-8-sig").splitlines() if answers.is_file() else []
        if done.returncode or len(said) != len(copies):
            words = said[-1] if said else done.stderr.decode("utf-8", "replace").strip() or "it gave no reason"
            raise SigningError(f"nothing is signed, PowerShell says: {words}")
        return said

    def _powershell(self, script: str, seconds: int) -> subprocess.CompletedProcess[bytes]:
        # As a command, not as a file: a machine that signs scripts may well run signed ones only. No secret is in it.
        command = base64.b64encode(script.encode("utf-16-le")).decode("ascii")
        options = ["-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-OutputFormat", "Text"]
        line = [str(self.tool), *options, "-EncodedCommand", command]
        try:
            # No shell, and the tool is the administrator's.
            return subprocess.run(  # noqa: S603
                line, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise SigningError(f"nothing is signed: PowerShell gave no answer in {seconds} s") from None
        except OSError as failure:
            raise SigningError(f"'{self.tool}' can't be started: {failure.strerror}") from None
