"""Reading a signature: what it says, and that other bytes are none."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyc.signing import seal_of
from policyc.signing.cabinet import without_signature
from policyc.signing.ossl import OsslSigner
from policyc.signing.pkcs7 import SignedDigest, read_pkcs7
from policyc.signing.seal import unsigned_bytes
from policyc.signing.signature import pkcs7_of
from unit.signing.making import Authority, make_cabinet, openssl


@pytest.fixture(scope="module")
def der(signer: OsslSigner, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("signed") / "a.ps1"
    file.write_bytes(b"exit 0\n")
    signer.sign([file])
    found = pkcs7_of(file.read_bytes())
    assert found is not None
    return found


def test_the_signer_is_found_in_a_chain(der: bytes, authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "a.der").write_bytes(der)
    shown = openssl("pkcs7", "-inform", "DER", "-in", tmp_path / "a.der", "-print_certs", "-noout").decode()
    assert shown.count("subject=") == 2
    signed = read_pkcs7(der)
    assert isinstance(signed, SignedDigest)
    assert (signed.thumbprint, signed.algorithm, len(signed.digest)) == (authority.thumbprint, "sha256", 32)


def test_padding_is_let_through(der: bytes) -> None:
    assert read_pkcs7(der + b"\0" * 7) == read_pkcs7(der)


def test_every_beginning_of_one_is_none(der: bytes) -> None:
    assert {read_pkcs7(der[:length]) for length in range(len(der))} == {None}


def test_no_change_of_one_byte_raises(der: bytes) -> None:
    for at in range(len(der)):
        for change in (0x01, 0x80, 0xFF):
            read_pkcs7(der[:at] + bytes([der[at] ^ change]) + der[at + 1 :])


@given(st.binary(max_size=200))
def test_other_bytes_are_none(content: bytes) -> None:
    assert read_pkcs7(content) is None
    assert seal_of("a.cab", content) is None


def test_a_message_of_another_kind_is_none(authority: Authority) -> None:
    message = ["cms", "-sign", "-binary", "-nodetach", "-outform", "DER"]
    other = openssl(*message, "-signer", authority.certificate, "-inkey", authority.key, stdin=b"text")
    assert read_pkcs7(other) is None


@lru_cache(maxsize=1)
def signed_cabinet(signer: OsslSigner) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, "a.cab")
        file.write_bytes(make_cabinet(item=b"x" * 50))
        signer.sign([file])
        return file.read_bytes()


def test_a_cabinet_whose_offsets_do_not_fit_is_unsigned(signer: OsslSigner) -> None:
    signed = signed_cabinet(signer)
    for at in (8, 16, 26, 44, 48):
        damaged = signed[:at] + bytes([signed[at] + 1]) + signed[at + 1 :]
        assert without_signature(damaged) is damaged
        assert seal_of("a.cab", damaged) is None


def test_other_files_have_no_seal() -> None:
    assert seal_of("run.cmd", b"exit /b 0") is None
    assert unsigned_bytes("run.cmd", b"exit /b 0") == b"exit /b 0"


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_cabinet_has_no_seal(signer: OsslSigner, data: st.DataObject) -> None:
    """Only fields that name the cabinet's place in a set, the padding and the signer's own part are outside the digest."""
    signed = signed_cabinet(signer)
    assert seal_of("a.cab", signed) is not None
    end = int.from_bytes(signed[44:48], "little")
    at = data.draw(st.sampled_from([*range(4), *range(8, 34), *range(36, end)]))
    bit = data.draw(st.integers(0, 7))
    damaged = signed[:at] + bytes([signed[at] ^ 1 << bit]) + signed[at + 1 :]
    seal = seal_of("a.cab", damaged)
    # The last 8 bytes of the reserved area mean nothing to anyone, and no digest has them but the last four.
    assert seal is None or 52 <= at < 56
