"""Signatures looked at by openssl, and by digests computed here: not by the program that signed, nor by policyc."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
from pathlib import Path

_ROW = re.compile(r"\s*(\d+):d=\s*\d+\s+hl=(\d+)\s+l=\s*(\d+) (?:cons|prim): (.*)")


def script_parts(signed: bytes) -> tuple[bytes, bytes]:
    """What is signed of a script, as Windows hashes it, and the PKCS#7."""
    text, begin, block = signed.rpartition(b"\r\n# SIG # Begin signature block\r\n")
    assert begin
    lines = block.split(b"\r\n")
    assert lines[-2:] == [b"# SIG # End signature block", b""]
    return text.decode("utf-8").encode("utf-16-le"), base64.b64decode(b"".join(line.removeprefix(b"# ") for line in lines[:-2]))


def cabinet_parts(signed: bytes) -> tuple[bytes, bytes]:
    """What is signed of a cabinet, and the PKCS#7."""
    at = int.from_bytes(signed[44:48], "little")
    return signed[:4] + signed[8:34] + signed[56:at], signed[at:]


def is_genuine(parts: tuple[bytes, bytes], root: Path, folder: Path) -> bool:
    """Whether the PKCS#7 signs just this, by a certificate below this root."""
    text, der = parts
    signature, content = folder / "signature.der", folder / "content.bin"
    signature.write_bytes(der)
    shown = subprocess.run(
        ["openssl", "asn1parse", "-inform", "DER", "-in", signature], capture_output=True, text=True, timeout=60, check=False
    )
    rows = [found.groups() for line in shown.stdout.splitlines() if (found := _ROW.match(line))]
    indirect = next(number for number, row in enumerate(rows) if row[3].endswith(":1.3.6.1.4.1.311.2.1.4")) + 2
    at, header, length = map(int, rows[indirect][:3])
    content.write_bytes(der[at + header : at + header + length])
    digest = next(row[3] for row in rows[indirect:] if row[3].startswith("OCTET STRING") and int(row[2]) == 32)
    if not digest.endswith(hashlib.sha256(text).hexdigest().upper()):
        return False
    # The purpose of smime is mail; that the certificate is one for code is in the certificate.
    verify = ["smime", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", content]
    done = subprocess.run(
        ["openssl", *verify, "-CAfile", root, "-purpose", "any", "-out", folder / "out"],
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode == 0
