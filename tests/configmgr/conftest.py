"""A site for each test; the module's text is the same for all, and written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from configmgr.module import write_module
from configmgr.site import Site
from endpoint.engine import find_powershell


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What SMS_ADMIN_UI_PATH names, with the stand-in where the console's module lies."""
    if find_powershell() is None:
        pytest.skip("no PowerShell: set POLICYC_POWERSHELL, or put pwsh on the PATH")
    return write_module(tmp_path_factory.mktemp("AdminConsole"))


@pytest.fixture
def site(tmp_path: Path, console: Path) -> Site:
    """An empty site."""
    return Site(tmp_path, console)
