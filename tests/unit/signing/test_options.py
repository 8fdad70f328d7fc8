"""Which signer options and environment describe, and what is said where they describe none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policyc.signing import Options, SigningError, choose_signer
from policyc.signing.ossl import OsslSigner
from policyc.signing.windows import WindowsSigner

THUMBPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
LEAVES = {
    "a.pfx": b"0\x80",
    "b.p12": b"0\x80",
    "A.PFX": b"0\x80",
    "cert.pem": b"-----BEGIN CERTIFICATE-----\n",
    "key.pem": b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
    "both.pem": b"-----BEGIN CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----\n",
    "secret": b"\xef\xbb\xbfp\xc3\xa4ss w\r\nsecond line\n",
    "other": b"other\n",
    "empty": b"\n",
    "latin": b"\xe4\n",
    "tab": b"a\tb\n",
}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment with both tools on its PATH; the files of LEAVES lie in the current folder."""
    for name, content in LEAVES.items():
        (tmp_path / name).write_bytes(content)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("osslsigncode", "osslsigncode.exe", "powershell.exe", "mine.exe"):
        (tools / name).write_bytes(b"")
        (tools / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return {"PATH": str(tools)}


def ossl(machine, options=None, **variables):
    signer = choose_signer(options or Options(), machine | variables)
    assert isinstance(signer, OsslSigner)
    return signer


def windows(machine, options=None, **variables):
    signer = choose_signer(options or Options(), machine | variables)
    assert isinstance(signer, WindowsSigner)
    return signer


def test_a_certificate_of_the_environment(machine):
    signer = ossl(
        machine, POLICYC_SIGN_CERTIFICATE="a.pfx", POLICYC_SIGN_PASSWORD="p", POLICYC_SIGN_TIMESTAMP="http://t.example.com"
    )
    assert signer.tool.stem == "osslsigncode"
    assert (signer.certificate, signer.key) == (Path("a.pfx").absolute(), None)
    assert (signer.password, signer.timestamp, signer.timestamps, signer.warnings) == ("p", "http://t.example.com", True, ())


def test_options_come_first(machine):
    signer = ossl(
        machine,
        Options(
            certificate=Path("cert.pem"),
            key=Path("key.pem"),
            password_file=Path("secret"),
            timestamp="https://new.example.com/tsa",
            tool=Path("tools/mine.exe"),
        ),
        POLICYC_SIGN_CERTIFICATE="a.pfx",
        POLICYC_SIGN_KEY="both.pem",
        POLICYC_SIGN_PASSWORD="old",
        POLICYC_SIGN_PASSWORD_FILE="other",
        POLICYC_SIGN_TIMESTAMP="http://old.example.com",
        POLICYC_SIGN_THUMBPRINT=THUMBPRINT,
        POLICYC_OSSLSIGNCODE="nowhere",
    )
    assert signer == OsslSigner(
        Path("tools/mine.exe"),
        Path("cert.pem").absolute(),
        Path("key.pem").absolute(),
        "p\u00e4ss w",
        "https://new.example.com/tsa",
    )


def test_the_tool_of_the_environment(machine):
    assert ossl(machine, POLICYC_SIGN_CERTIFICATE="b.p12", POLICYC_OSSLSIGNCODE="mine.exe").tool.name == "mine.exe"


def test_the_first_line_of_a_file_is_the_password(machine):
    signer = ossl(machine, POLICYC_SIGN_CERTIFICATE="A.PFX", POLICYC_SIGN_PASSWORD_FILE="secret")
    assert signer.password == "p\u00e4ss w"
    assert "ss w" not in repr(signer)
    assert "password" not in repr(signer)


def test_pem_with_its_key(machine):
    assert ossl(machine, POLICYC_SIGN_CERTIFICATE="both.pem").key == Path("both.pem").absolute()
    assert ossl(machine, POLICYC_SIGN_CERTIFICATE="cert.pem", POLICYC_SIGN_KEY="key.pem").key == Path("key.pem").absolute()
    assert ossl(machine, Options(certificate=Path("cert.pem")), POLICYC_SIGN_KEY="key.pem").key == Path("key.pem").absolute()


def test_a_variables_key_is_not_for_the_file_of_an_option(machine):
    assert ossl(machine, Options(certificate=Path("a.pfx")), POLICYC_SIGN_KEY="key.pem").key is None


def test_empty_variables_say_nothing(machine):
    signer = ossl(
        machine,
        POLICYC_SIGN_CERTIFICATE="a.pfx",
        POLICYC_SIGN_KEY="",
        POLICYC_SIGN_PASSWORD="",
        POLICYC_SIGN_PASSWORD_FILE="",
        POLICYC_SIGN_THUMBPRINT="",
        POLICYC_SIGN_TIMESTAMP="",
        POLICYC_OSSLSIGNCODE="",
    )
    assert (signer.key, signer.password, signer.timestamp) == (None, None, None)
    assert len(signer.warnings) == 1
    assert "POLICYC_SIGN_TIMESTAMP" in signer.warnings[0]


@pytest.mark.parametrize(
    "shown", [THUMBPRINT, THUMBPRINT.lower(), "\u200e" + " ".join(THUMBPRINT[at : at + 2] for at in range(0, 40, 2))]
)
def test_a_thumbprint_however_it_is_shown(shown, machine):
    assert windows(machine, POLICYC_SIGN_THUMBPRINT=shown).identity == THUMBPRINT
    signer = windows(machine, Options(thumbprint=shown), POLICYC_SIGN_CERTIFICATE="a.pfx", POLICYC_SIGN_PASSWORD="p")
    assert (signer.identity, signer.tool.name, signer.timestamp) == (THUMBPRINT, "powershell.exe", None)


def test_another_powershell(machine):
    assert windows(machine, Options(thumbprint=THUMBPRINT, tool=Path("mine.exe"))).tool.name == "mine.exe"


CERTIFICATE = {"POLICYC_SIGN_CERTIFICATE": "a.pfx"}


@pytest.mark.parametrize(
    ("options", "variables", "words", "help"),
    [
        (Options(), {}, "no certificate is given", "POLICYC_SIGN_CERTIFICATE"),
        (Options(), {**CERTIFICATE, "POLICYC_SIGN_THUMBPRINT": THUMBPRINT}, "both given", "which of them"),
        (Options(certificate=Path("a.pfx"), thumbprint=THUMBPRINT), {}, "both given", "which of them"),
        (Options(thumbprint="abc"), {}, "'abc' is no thumbprint", "40 hexadecimal digits"),
        (Options(thumbprint=THUMBPRINT, key=Path("key.pem")), {}, "with a key or a password", "leave those out"),
        (Options(thumbprint=THUMBPRINT, password_file=Path("secret")), {}, "with a key or a password", "leave those out"),
        (Options(thumbprint=THUMBPRINT), {"PATH": ""}, "'powershell.exe' is not on this machine", "sign there"),
        (Options(certificate=Path("a.pfx")), {"PATH": ""}, "'osslsigncode' is not on this machine", "install osslsigncode"),
        (Options(certificate=Path("a.pfx"), tool=Path("gone")), {}, "'gone' is not on this machine", "POLICYC_OSSLSIGNCODE"),
        (Options(certificate=Path("gone.pfx")), {}, "the certificate in 'gone.pfx' can't be read", ""),
        (Options(certificate=Path()), {}, "the certificate in '.' can't be read", ""),
        (Options(certificate=Path("cert.pem")), {}, "'cert.pem' holds no key", "POLICYC_SIGN_KEY"),
        (Options(certificate=Path("cert.pem"), key=Path("gone")), {}, "the key in 'gone' can't be read", ""),
        (Options(certificate=Path("a.pfx"), key=Path("key.pem")), {}, "holds its own key", "leave out the key"),
        (Options(), {**CERTIFICATE, "POLICYC_SIGN_KEY": "key.pem"}, "holds its own key", "leave out the key"),
        (
            Options(),
            {**CERTIFICATE, "POLICYC_SIGN_PASSWORD": "hush", "POLICYC_SIGN_PASSWORD_FILE": "secret"},
            "are both set",
            "one of them",
        ),
        (Options(), {**CERTIFICATE, "POLICYC_SIGN_PASSWORD": "hush\nhush"}, "holds a character", "a line break"),
        (Options(), {**CERTIFICATE, "POLICYC_SIGN_PASSWORD_FILE": "tab"}, "holds a character", "a tab"),
        (Options(), {**CERTIFICATE, "POLICYC_SIGN_PASSWORD_FILE": "empty"}, "the first line of 'empty' is empty", ""),
        (Options(), {**CERTIFICATE, "POLICYC_SIGN_PASSWORD_FILE": "latin"}, "is not UTF-8", "as UTF-8"),
        (Options(), {**CERTIFICATE, "POLICYC_SIGN_PASSWORD_FILE": "gone"}, "the password in 'gone' can't be read", ""),
        *(
            (Options(timestamp=address), CERTIFICATE, "is no address of a time-stamp server", "http://")
            for address in ("time.example.com", "ftp://time.example.com", "http://", "http://a b", "http://[", "-ts")
        ),
    ],
)
def test_what_can_not_work(options, variables, words, help, machine):
    with pytest.raises(SigningError) as caught:
        choose_signer(options, machine | variables)
    assert words in caught.value.message
    assert help in caught.value.help
    assert "hush" not in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="an environment of bytes")
def test_a_password_that_is_no_text(machine):
    """Bytes of the environment that aren't UTF-8 come as surrogates; they can't be typed, so they are refused."""
    with pytest.raises(SigningError, match="holds a character"):
        choose_signer(Options(), machine | CERTIFICATE | {"POLICYC_SIGN_PASSWORD": os.fsdecode(b"\xff")})
