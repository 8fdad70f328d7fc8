"""The block at the end of a script: found where it is one, and cut off to the byte."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.signing import signature_of, without_signature
from policyc.signing.signature import digest_of, pkcs7_of

BEGIN = b"# SIG # Begin signature block"
END = b"# SIG # End signature block"


def block(der: bytes = b"0\x80", eol: bytes = b"\r\n") -> bytes:
    text = base64.b64encode(der)
    lines = [b"# " + text[at : at + 64] for at in range(0, len(text), 64)]
    return eol.join([BEGIN, *lines, END, b""])


def sign(content: bytes, der: bytes = b"0\x80") -> bytes:
    """As both programs write it."""
    return content + b"\r\n" + block(der)


pieces = st.sampled_from([b"\r", b"\n", b"\r\n", b"# ", BEGIN, END, b"#", b" ", b"QUJD", b"exit 0", block(), b"\r\n" + block()])
texts = st.binary(max_size=40) | st.lists(pieces, max_size=12).map(b"".join)


@given(texts, st.binary(min_size=1, max_size=300))
def test_what_was_signed_comes_back_to_the_byte(content, der):
    signed = sign(content, der)
    assert without_signature(signed) == content
    assert signature_of(signed) == block(der)
    assert pkcs7_of(signed) == der


@given(texts)
def test_block_and_script_make_up_the_file(content):
    found = signature_of(content)
    rest = without_signature(content)
    assert content.startswith(rest)
    assert (found is None) == (rest == content)
    if found is not None:
        assert content[len(rest) :] in (found, b"\n" + found, b"\r\n" + found)


@given(st.lists(st.sampled_from([b"a", b"exit 0 # done", b""]), max_size=6).map(b"\n".join))
def test_a_copy_with_folded_line_ends_is_the_same_signature(content):
    folded = sign(content).replace(b"\r\n", b"\n")
    assert without_signature(folded) == content
    assert pkcs7_of(folded) == b"0\x80"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"exit 0\n",
        BEGIN,
        END,
        sign(b"exit 0\n") + b"exit 1\n",
        sign(b"exit 0\n") + b"\r\n",
        b"exit 0\n" + BEGIN + b"\r\n" + END + b"\r\n",
        b"exit 0 " + block(),
        b"'text\n" + block() + b"'\n",
        b"exit 0\n#" + block(),
        b"exit 0\r\n" + BEGIN + b"\r\n# Q=Q\r\n" + END + b"\r\n",
        b"exit 0\r\n" + BEGIN + b"\r\nRemove-Item C:\\\r\n" + END + b"\r\n",
        b"exit 0\r\n" + BEGIN + b"\r\n# QUJD\r" + END + b"\r\n",
    ],
)
def test_what_only_looks_like_a_signature_is_none(content):
    assert signature_of(content) is None
    assert pkcs7_of(content) is None
    assert without_signature(content) is content


def test_text_in_the_middle_stays_when_the_end_is_signed():
    content = b"'\r\n" + block() + b"'\r\nexit 0\n"
    assert without_signature(sign(content)) == content


def test_only_one_signature_is_taken_off():
    assert without_signature(sign(sign(b"exit 0\n"))) == sign(b"exit 0\n")


def test_a_signature_may_lack_its_last_line_end():
    assert without_signature(sign(b"exit 0")[:-2]) == b"exit 0"


def test_many_lines_that_begin_a_block_cost_little():
    content = (BEGIN + b"\n") * 200_000
    assert without_signature(content) is content


def test_the_digest_is_of_the_unsigned_text_in_utf_16():
    expected = hashlib.sha256("exit 0 # \u00e4\n".encode("utf-16-le")).digest()
    assert digest_of("exit 0 # \u00e4\n".encode(), "sha256") == expected
    assert digest_of(sign("exit 0 # \u00e4\n".encode()), "sha256") == expected
    assert digest_of(b"\xe4", "sha256") is None
