"""Templates that vendors ship, whole: every policy in every state compiles.

POLICYC_CORPORA names the folder that holds them in `admx`; they are no part of the project.
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policyc.definitions import Library, Misfit, Option, Policy, State, Unfolding, unfolding
from policyc.definitions.options import label, named
from policyc.definitions.template import Sort
from policyc.driver.check import check

FOLDER = Path(os.environ.get("POLICYC_CORPORA", ""), "admx")
pytestmark = pytest.mark.skipif(not FOLDER.is_dir() or Path("admx") == FOLDER, reason="no corpora: set POLICYC_CORPORA")
PROJECT = "project: {name: E, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\ndefinitions: [admx]\ndefinitions_language: "


def given(option: Option) -> Any:
    """Something that an option takes."""
    match option.sort:
        case Sort.CHOICE:
            return named(option.choices[0])
        case Sort.LIST if option.explicit:
            return {"name": "text"}
        case Sort.LIST | Sort.LINES:
            return ["text"]
        case Sort.TEXT:
            return "text"
        case Sort.SWITCH:
            return True
        case _:
            return option.least


def options(policy: Policy) -> dict[str, Any]:
    """What has to be said of it, and no more."""
    made = unfolding(policy, State.ENABLED, {})
    if isinstance(made, Unfolding):
        return {}
    assert {one.code for one in made} == {"PC1913"}
    silent = [one for one in policy.options if any(f"'{label(one)}' of" in misfit.message for misfit in made)]
    assert silent
    return {option.id: given(option) for option in silent}


@pytest.mark.parametrize("language", ["en-US", "de-DE"])
@pytest.mark.parametrize("state", list(State))
def test_every_policy_compiles(language: str, state: State, tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "admx")
    library = Library(tmp_path, ("admx",), language)
    assert library.index.faults == []
    (tmp_path / "project.yaml").write_text(PROJECT + language + "\n", encoding="utf-8")
    asked = 0
    for files in library.listing.files:
        template = library.template(files.stem)
        assert template is not None
        assert template.broken == ()
        settings: dict[str, Any] = {}
        for number, policy in enumerate(template.policies):
            said: dict[str, Any] = {"policy": f"{files.stem}/{policy.name}", "state": state.value}
            if state is State.ENABLED and (needed := options(policy)):
                said["options"] = needed
            if len(policy.scopes) > 1:
                said["scope"] = "machine"
            settings[f"s{number}"] = {"group_policy": said}
        asked += len(settings)
        # A baseline that nobody lists is checked all the same, and nothing in it fights.
        text = json.dumps({"baseline": {"name": files.stem}, "settings": settings})
        (tmp_path / f"{files.stem}.yaml").write_text(text, encoding="utf-8")
    checked = check(tmp_path, date(2026, 1, 31), open_shelf=None)
    assert [one for one in checked.diagnostics if one.is_error] == []
    assert asked > 400


def test_every_option_takes_what_its_kind_takes() -> None:
    library = Library(FOLDER.parent, ("admx",))
    for files in library.listing.files:
        template = library.template(files.stem)
        assert template is not None
        for policy in template.policies:
            made = unfolding(policy, State.ENABLED, {option.id: given(option) for option in policy.options})
            assert isinstance(made, Unfolding), (policy.name, [one.message for one in made if isinstance(one, Misfit)])
            assert made.parts
