"""Signatures of PowerShell scripts: the block of comment lines at the end.

Both `Set-AuthenticodeSignature` and osslsigncode put a line break and the block, with CRLF, behind the script and leave
the script itself alone, whatever its line ends. A copy that went through XML or a version control system may have
LF in the block; what is signed is the text before it, so it is the same signature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

_BLOCK = re.compile(
    rb"(?:\r\n|\n|\A)"
    rb"(?P<block># SIG # Begin signature block\r?\n"
    rb"(?P<lines>(?:# [A-Za-z0-9+/=]+\r?\n)+)"
    rb"# SIG # End signature block(?:\r?\n)?)\Z"
)
_BEGIN = b"# SIG # Begin signature block"


def _find(content: bytes) -> tuple[re.Match[bytes], bytes] | None:
    """Where the block is, with the line break before it, and the PKCS#7 in it."""
    # From the last one on: a script may hold such text itself, and patterns tried at each place would cost quadratic time.
    begin = content.rfind(_BEGIN)
    if begin < 0:
        return None
    start = begin - 2 if content[max(begin - 2, 0) : begin] == b"\r\n" else max(begin - 1, 0)
    found = _BLOCK.match(content[start:])
    if found is None:
        return None
    text = b"".join(line[2:] for line in found["lines"].splitlines())
    try:
        der = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return found, der


def signature_of(content: bytes) -> bytes | None:
    """The block at the end of a script, from its first `#` to the end of the file; None for an unsigned script."""
    found = _find(content)
    return found[0]["block"] if found else None


def pkcs7_of(content: bytes) -> bytes | None:
    """The signature in the block at the end of a script, in DER."""
    found = _find(content)
    return found[1] if found else None


def without_signature(content: bytes) -> bytes:
    r"""The script as it was before it was signed, to the byte; an unsigned one as it is.

    >>> without_signature(b"exit 0\n\r\n# SIG # Begin signature block\r\n# MIIF\r\n# SIG # End signature block\r\n")
    b'exit 0\n'
    """
    found = _find(content)
    return content[: len(content) - len(found[0][0])] if found else content


def digest_of(content: bytes, algorithm: str) -> bytes | None:
    """What Authenticode signs of a script: the digest of its unsigned text in UTF-16 (little endian).

    None where the bytes are no UTF-8: what Windows takes them for depends on the machine.
    """
    unsigned = without_signature(content)
    try:
        return hashlib.new(algorithm, unsigned.decode("utf-8").encode("utf-16-le")).digest()
    except UnicodeDecodeError:
        return None
