"""Certificates made on the spot, cabinets, and what becomes of tests on a machine that can't sign."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from policyc.targets.configmgr.digest.cabinet import cabinet

PASSWORD = "Tr0ub4dor & $hell `quotes` \u00e9"


def need(program: str) -> Path:
    """A program of the PATH; without it the test is skipped, or fails with POLICYC_REQUIRE_ENDPOINT=1 (not on Windows)."""
    found = shutil.which(program)
    if found is None:
        reason = f"no {program} on the PATH"
        if os.environ.get("POLICYC_REQUIRE_ENDPOINT") == "1" and os.name != "nt":
            pytest.fail(f"{reason}, though POLICYC_REQUIRE_ENDPOINT=1")
        pytest.skip(reason)
    return Path(found)


def openssl(*arguments: str | Path, stdin: bytes = b"") -> bytes:
    done = subprocess.run(
        [need("openssl"), *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    return done.stdout


@dataclass(frozen=True)
class Authority:
    """A root and a certificate for code signing below it, in all the forms that files have."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    @property
    def certificate(self) -> Path:
        return self.folder / "leaf.pem"

    @property
    def key(self) -> Path:
        return self.folder / "leaf.key"

    @property
    def locked_key(self) -> Path:
        return self.folder / "locked.key"

    @property
    def both(self) -> Path:
        return self.folder / "both.pem"

    @property
    def pfx(self) -> Path:
        return self.folder / "chain.pfx"

    @property
    def open_pfx(self) -> Path:
        return self.folder / "open.pfx"

    @property
    def other_key(self) -> Path:
        return self.folder / "root.key"

    @property
    def thumbprint(self) -> str:
        shown = openssl("x509", "-in", self.certificate, "-noout", "-fingerprint", "-sha1").decode()
        return shown.partition("=")[2].strip().replace(":", "")


def make_certificate(folder: Path, name: str, usage: str, issuer: str | None = None) -> None:
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN=Example {name}"]
    extensions = [option for extension in usage.split(";") for option in ("-addext", extension)]
    signed_by = ["-CA", folder / f"{issuer}.pem", "-CAkey", folder / f"{issuer}.key"] if issuer else []
    openssl(*request, *extensions, *signed_by, "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem")


def make_authority(folder: Path) -> Authority:
    made = Authority(folder)
    make_certificate(folder, "root", "keyUsage=critical,keyCertSign,digitalSignature")
    leaf = "basicConstraints=critical,CA:FALSE;keyUsage=critical,digitalSignature;extendedKeyUsage=codeSigning"
    make_certificate(folder, "leaf", leaf, "root")
    make_certificate(folder, "clock", leaf.replace("=codeSigning", "=critical,timeStamping"), "root")
    made.both.write_bytes(made.key.read_bytes() + made.certificate.read_bytes())
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    openssl("rsa", "-in", made.key, "-aes256", "-passout", f"file:{secret}", "-out", made.locked_key)
    chain = ["-certfile", made.root, "-inkey", made.key, "-in", made.certificate]
    openssl("pkcs12", "-export", *chain, "-passout", f"file:{secret}", "-out", made.pfx)
    openssl("pkcs12", "-export", *chain, "-passout", "pass:", "-out", made.open_pfx)
    return made


def make_cabinet(**files: bytes) -> bytes:
    return cabinet(files)
