"""Certificates and signers for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyc.signing.ossl import OsslSigner
from unit.signing.making import PASSWORD, Authority, make_authority, need


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    need("openssl")
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def tool() -> Path:
    return need("osslsigncode")


@pytest.fixture(scope="session")
def signer(authority: Authority, tool: Path) -> OsslSigner:
    return OsslSigner(tool, authority.pfx, password=PASSWORD)
