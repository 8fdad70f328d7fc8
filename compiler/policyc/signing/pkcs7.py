"""What a PKCS#7 signature of Authenticode says of itself: who signed, which digest, whether a time stamp is there.

It reads, it doesn't verify: that the signature is genuine and trusted is for the device to judge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from policyc.model.records import dataclass

_OID_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_OID_INDIRECT_DATA = bytes.fromhex("2b060104018237020104")
_OIDS_TIME_STAMP = (
    bytes.fromhex("2b060104018237030301"),  # Microsoft's, holds a token of RFC 3161
    bytes.fromhex("2a864886f70d010906"),  # a counter signature of PKCS#9, as older servers give
)
_ALGORITHMS = {
    bytes.fromhex("2b0e03021a"): "sha1",
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
_INTEGER, _OCTETS, _OID, _SEQUENCE, _SET = 0x02, 0x04, 0x06, 0x30, 0x31
_CONTEXT_0, _CONTEXT_1 = 0xA0, 0xA1


class _NotDerError(ValueError):
    """The bytes aren't what this module reads."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A value of DER: its tag, its content, and both together with the length."""

    tag: int
    content: bytes
    whole: bytes


@dataclass(frozen=True, slots=True)
class SignedDigest:
    """The digest of a file, signed."""

    thumbprint: str
    """SHA-1 of the signer's certificate in capitals, as Windows shows it."""
    algorithm: str
    """As hashlib names it: `sha256`."""
    digest: bytes
    timestamped: bool


def read_pkcs7(der: bytes) -> SignedDigest | None:
    """What the signature says; None for anything else than one Authenticode signature in DER.

    Bytes behind the signature are padding, as cabinets have it.
    """
    try:
        return _read(der)
    except _NotDerError:
        return None


def _node(der: bytes, at: int) -> tuple[_Node, int]:
    """The value at a place, and where the next begins."""
    if len(der) < at + 2:
        raise _NotDerError
    length, start = der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        # No length at all is BER, and five bytes of it no file of ours.
        if not 1 <= size <= 4 or len(der) < start + size:
            raise _NotDerError
        length, start = int.from_bytes(der[start : start + size]), start + size
    end = start + length
    if len(der) < end:
        raise _NotDerError
    return _Node(der[at], der[start:end], der[at:end]), end


def _children(node: _Node) -> Iterator[_Node]:
    at = 0
    while at < len(node.content):
        child, at = _node(node.content, at)
        yield child


class _Reader:
    """Takes the children of a value one after the other."""

    def __init__(self, node: _Node) -> None:
        self.left = list(_children(node))

    def take(self, tag: int) -> _Node:
        """The next child, which must have this tag."""
        if not self.left or self.left[0].tag != tag:
            raise _NotDerError
        return self.left.pop(0)

    def take_if(self, tag: int) -> _Node | None:
        """The next child, if it has this tag."""
        return self.take(tag) if self.left and self.left[0].tag == tag else None


def _only(node: _Node, tag: int) -> _Node:
    """The one child of a wrapper."""
    reader = _Reader(node)
    child = reader.take(tag)
    if reader.left:
        raise _NotDerError
    return child


def _read(der: bytes) -> SignedDigest:
    top, _ = _node(der, 0)
    if top.tag != _SEQUENCE:
        raise _NotDerError
    info = _Reader(top)
    if info.take(_OID).content != _OID_SIGNED_DATA:
        raise _NotDerError
    data = _Reader(_only(info.take(_CONTEXT_0), _SEQUENCE))
    data.take(_INTEGER)
    data.take(_SET)
    algorithm, digest = _digest(data.take(_SEQUENCE))
    certificates = data.take(_CONTEXT_0)
    data.take_if(_CONTEXT_1)
    signer = _Reader(_only(data.take(_SET), _SEQUENCE))
    signer.take(_INTEGER)
    thumbprint = _thumbprint(certificates, signer.take(_SEQUENCE))
    signer.take(_SEQUENCE)
    signer.take_if(_CONTEXT_0)
    signer.take(_SEQUENCE)
    signer.take(_OCTETS)
    unsigned = signer.take_if(_CONTEXT_1)
    return SignedDigest(thumbprint, algorithm, digest, unsigned is not None and _has_time_stamp(unsigned))


def _digest(content_info: _Node) -> tuple[str, bytes]:
    reader = _Reader(content_info)
    if reader.take(_OID).content != _OID_INDIRECT_DATA:
        raise _NotDerError
    indirect = _Reader(_only(reader.take(_CONTEXT_0), _SEQUENCE))
    indirect.take(_SEQUENCE)
    message = _Reader(indirect.take(_SEQUENCE))
    algorithm = _ALGORITHMS.get(_Reader(message.take(_SEQUENCE)).take(_OID).content)
    if algorithm is None:
        raise _NotDerError
    return algorithm, message.take(_OCTETS).content


def _thumbprint(certificates: _Node, issuer_and_serial: _Node) -> str:
    wanted = _Reader(issuer_and_serial)
    issuer, serial = wanted.take(_SEQUENCE).whole, wanted.take(_INTEGER).content
    for certificate in _children(certificates):
        if certificate.tag == _SEQUENCE and _issuer_and_serial(certificate) == (issuer, serial):
            return hashlib.sha1(certificate.whole, usedforsecurity=False).hexdigest().upper()
    raise _NotDerError


def _issuer_and_serial(certificate: _Node) -> tuple[bytes, bytes]:
    body = _Reader(_Reader(certificate).take(_SEQUENCE))
    body.take_if(_CONTEXT_0)
    serial = body.take(_INTEGER).content
    body.take(_SEQUENCE)
    return body.take(_SEQUENCE).whole, serial


def _has_time_stamp(unsigned: _Node) -> bool:
    return any(_Reader(attribute).take(_OID).content in _OIDS_TIME_STAMP for attribute in _children(unsigned))
