"""Other people's readers of cabinets, and what becomes of their tests on a machine without them."""

from __future__ import annotations

import os
import shutil

import pytest


def _found(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        if os.environ.get("POLICYC_REQUIRE_ENDPOINT") == "1" and os.name != "nt":
            pytest.fail(f"no {name} on the PATH, though POLICYC_REQUIRE_ENDPOINT=1")
        pytest.skip(f"no {name} on the PATH")
    return path


@pytest.fixture
def cabextract() -> str:
    """Its path."""
    return _found("cabextract")


@pytest.fixture
def gcab() -> str:
    """Its path."""
    return _found("gcab")
