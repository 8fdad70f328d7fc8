"""Configuration items and baselines of any content."""

from __future__ import annotations

import uuid

from hypothesis import strategies as st

from policyc.model import Severity
from policyc.targets.configmgr.digest import (
    Baseline,
    ConfigurationItem,
    Identity,
    RegistryExistenceSetting,
    RegistryValueSetting,
    ScriptSetting,
    Setting,
)

GUID = "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9"
ITEM = Identity(f"ScopeId_{GUID.upper()}", f"OperatingSystem_{GUID}", 3)
BASELINE = Identity(f"ScopeId_{GUID.upper()}", f"Baseline_{GUID}", 1)

SCRIPT = ScriptSetting(
    id="11111111-2222-5333-8444-555555555555",
    name="Settings with severity Warning",
    description="Two settings",
    discovery="if ($true) {\n    'Compliant'\n}\n",
    remediation="'<none>' | Out-Null\n",
    severity=Severity.WARNING,
)
VALUE = RegistryValueSetting(
    id="22222222-2222-5333-8444-555555555555",
    name="OnboardingState",
    description="",
    key="SOFTWARE\\Microsoft\\Windows Advanced Threat Protection\\Status",
    value_name="OnboardingState",
    operator="Equals",
    operands=(1,),
    missing_is_noncompliant=True,
    severity=Severity.CRITICAL,
)
LIST = RegistryValueSetting(
    id="33333333-2222-5333-8444-555555555555",
    name="Start",
    description="",
    key="SYSTEM\\CurrentControlSet\\Services\\Sense",
    value_name="Start",
    operator="OneOf",
    operands=(2, 3),
    missing_is_noncompliant=False,
    severity=Severity.NONE,
)
PRESENCE = RegistryExistenceSetting(
    id="44444444-2222-5333-8444-555555555555",
    name="No override",
    description="",
    key="SOFTWARE\\Policies\\Example",
    value_name="",
    must_exist=False,
    severity=Severity.CRITICAL_WITH_EVENT,
    data_type="String",
)
EVERYWHERE = ("Windows/All_Windows_Client_Server",)

TEXTS = st.text(max_size=40) | st.text(st.sampled_from("a <>&\"'\t\n\r\x0b\x85\ufffe\ufeff\ud800\u2028\u202e]>"), max_size=20)
SCRIPTS = st.text(
    st.characters(codec="ascii", exclude_categories=["Cc"], include_characters="\t\r\n\x7f"), max_size=60
) | st.lists(st.sampled_from(["]]>", "<![CDATA[", "\r\n", "\r", "\n", "\t", '"', "'", "&amp;", "&#13;", " ", "x"])).map("".join)
PLACES = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=30)
GUIDS = st.integers(0, 2**128 - 1).map(lambda number: str(uuid.UUID(int=number)))
REVISIONS = st.integers(0, 2**32 - 1)
NUMBERS = st.integers(-(2**63), 2**63 - 1)


def identities(kind: str) -> st.SearchStrategy[Identity]:
    return st.builds(
        lambda scope, name, revision: Identity(f"ScopeId_{scope.upper()}", f"{kind}_{name}", revision), GUIDS, GUIDS, REVISIONS
    )


def settings() -> st.SearchStrategy[Setting]:
    common = {"id": GUIDS, "name": TEXTS, "description": TEXTS, "severity": st.sampled_from(Severity)}
    place = {**common, "key": PLACES, "value_name": PLACES}
    values = {**place, "missing_is_noncompliant": st.booleans()}
    return st.one_of(
        st.builds(ScriptSetting, **common, discovery=SCRIPTS, remediation=st.none() | SCRIPTS, expected=PLACES),
        st.builds(
            RegistryValueSetting, **values, operator=st.sampled_from(["Equals", "NotEquals"]), operands=st.tuples(NUMBERS)
        ),
        st.builds(
            RegistryValueSetting,
            **values,
            operator=st.sampled_from(["OneOf", "NoneOf"]),
            operands=st.lists(NUMBERS, min_size=1, max_size=3).map(tuple),
        ),
        st.builds(RegistryExistenceSetting, **place, must_exist=st.booleans(), data_type=st.sampled_from(["Int64", "String"])),
    )


ITEMS = st.builds(
    ConfigurationItem,
    identity=identities("OperatingSystem"),
    name=TEXTS,
    description=TEXTS,
    settings=st.lists(settings(), max_size=4, unique_by=lambda setting: setting.id).map(tuple),
    platforms=st.lists(PLACES, min_size=1, max_size=3).map(tuple),
)
BASELINES = st.builds(
    Baseline,
    identity=identities("Baseline"),
    name=TEXTS,
    description=TEXTS,
    items=st.lists(identities("OperatingSystem"), max_size=3).map(tuple),
    co_managed=st.booleans(),
)


def item(*its_settings: Setting, description: str = "What it is for") -> ConfigurationItem:
    return ConfigurationItem(ITEM, "An item", description, its_settings, EVERYWHERE)


def baseline(*items: Identity) -> Baseline:
    return Baseline(BASELINE, "A baseline", "", items)
