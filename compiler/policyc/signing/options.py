"""Which certificate signs, and with which program: from options first, then from the environment, never from a policy."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from policyc.model.records import dataclass
from policyc.signing.ossl import HOW_TO_GET_IT, OsslSigner
from policyc.signing.signer import Signer, SigningError
from policyc.signing.windows import WindowsSigner

CERTIFICATE = "POLICYC_SIGN_CERTIFICATE"
KEY = "POLICYC_SIGN_KEY"
PASSWORD = "POLICYC_SIGN_PASSWORD"  # noqa: S105 - a variable's name
PASSWORD_FILE = "POLICYC_SIGN_PASSWORD_FILE"  # noqa: S105
THUMBPRINT = "POLICYC_SIGN_THUMBPRINT"
TIMESTAMP = "POLICYC_SIGN_TIMESTAMP"
TOOL = "POLICYC_OSSLSIGNCODE"

_PKCS12 = frozenset({".pfx", ".p12"})
_SIGN_ON_WINDOWS = "a thumbprint names a certificate of Windows: sign there, or give a certificate's file"
_HOLDS_A_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_BETWEEN_DIGITS = re.compile("[\\s:\u200e\u200f]")
"""What thumbprints are shown with; the dialog of Windows puts an invisible mark before the first digit."""


@dataclass(frozen=True, slots=True)
class Options:
    """What an administrator says of signing; None leaves it to the environment."""

    certificate: Path | None = None
    """PKCS#12 (.pfx, .p12) with its key, or PEM."""
    key: Path | None = None
    """PEM, where the certificate's file doesn't hold it."""
    password_file: Path | None = None
    """Its first line opens the key."""
    thumbprint: str | None = None
    """Of a certificate in the store of Windows, this user's or the machine's."""
    timestamp: str | None = None
    """Address of a time-stamp server (RFC 3161)."""
    tool: Path | None = None
    """osslsigncode, or with a thumbprint PowerShell; looked for on the PATH where not given."""


def choose_signer(options: Options, environment: Mapping[str, str]) -> Signer:
    """The signer that these options and variables describe.

    Raises SigningError where they describe none, or two.
    """
    certificate, thumbprint = options.certificate, options.thumbprint
    if certificate is None and thumbprint is None:
        certificate = _path(environment, CERTIFICATE)
        thumbprint = environment.get(THUMBPRINT) or None
    timestamp = _timestamp(options.timestamp or environment.get(TIMESTAMP) or None)
    if certificate is not None and thumbprint is not None:
        raise SigningError("a certificate's file and a thumbprint are both given", "give one: which of them is to sign?")
    if thumbprint is not None:
        return _windows(options, environment, thumbprint, timestamp)
    if certificate is not None:
        return _ossl(options, environment, certificate, timestamp)
    raise SigningError(
        "no certificate is given to sign with",
        f"set {CERTIFICATE} to a .pfx or .pem file, or on Windows {THUMBPRINT} to one of the certificate store",
    )


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    return Path(value) if value else None


def _timestamp(address: str | None) -> str | None:
    if address is None:
        return None
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and address.isprintable() and " " not in address
    except ValueError:
        usable = False
    if not usable:
        raise SigningError(
            f"'{address}' is no address of a time-stamp server",
            "give one that begins with http:// or https://, as its owner states",
        )
    return address


def _windows(options: Options, environment: Mapping[str, str], thumbprint: str, timestamp: str | None) -> WindowsSigner:
    if options.key is not None or options.password_file is not None:
        raise SigningError(
            "a thumbprint is given with a key or a password", "leave those out: the store of Windows has the key"
        )
    digits = _BETWEEN_DIGITS.sub("", thumbprint).upper()
    if not re.fullmatch("[0-9A-F]{40}", digits):
        raise SigningError(f"'{thumbprint}' is no thumbprint", "give the 40 hexadecimal digits that Windows shows")
    tool = _find(options.tool or Path("powershell.exe"), environment, _SIGN_ON_WINDOWS)
    return WindowsSigner(tool, digits, timestamp)


def _ossl(options: Options, environment: Mapping[str, str], certificate: Path, timestamp: str | None) -> OsslSigner:
    tool = _find(options.tool or _path(environment, TOOL) or Path("osslsigncode"), environment, HOW_TO_GET_IT)
    _read(certificate, "the certificate")
    key = options.key
    if key is None and not (options.certificate is not None and _is_pkcs12(certificate)):
        # A variable's key goes with the variable's certificate; one file with both needs none.
        key = _path(environment, KEY)
    if _is_pkcs12(certificate) and key is not None:
        raise SigningError(f"'{certificate}' holds its own key, and '{key}' is given too", "leave out the key")
    if not _is_pkcs12(certificate):
        if key is None and _HOLDS_A_KEY.search(_read(certificate, "the certificate")):
            key = certificate
        if key is None:
            raise SigningError(
                f"'{certificate}' holds no key", f"name the key's file in {KEY}, or give a .pfx file that holds both"
            )
        _read(key, "the key")
    return OsslSigner(tool, certificate.absolute(), key and key.absolute(), _password(options, environment), timestamp)


def _is_pkcs12(certificate: Path) -> bool:
    return certificate.suffix.lower() in _PKCS12


def _password(options: Options, environment: Mapping[str, str]) -> str | None:
    said = environment.get(PASSWORD) or None
    file = options.password_file or _path(environment, PASSWORD_FILE)
    if options.password_file is None and said is not None:
        if file is not None:
            raise SigningError(f"{PASSWORD} and {PASSWORD_FILE} are both set", "set one of them")
        password = said
    elif file is None:
        return None
    else:
        try:
            password = (_read(file, "the password").decode("utf-8-sig").splitlines() or [""])[0]
        except UnicodeDecodeError:
            raise SigningError(f"the password in '{file}' is not UTF-8", "save the file as UTF-8") from None
        if not password:
            raise SigningError(f"the first line of '{file}' is empty, and the password should be there")
    if not password.isprintable():
        # Not the password itself: it would stand in a log.
        raise SigningError("the password holds a character that no keyboard has", "look for a line break or a tab in it")
    return password


def _read(file: Path, what: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as failure:
        raise SigningError(f"{what} in '{file}' can't be read: {failure.strerror}") from None


def _find(tool: Path, environment: Mapping[str, str], help: str) -> Path:
    found = shutil.which(str(tool), path=environment.get("PATH"))
    if found is None:
        raise SigningError(f"'{tool}' is not on this machine", help)
    return Path(found)
