"""Configuration items and baselines as ConfigMgr exchanges them: digests (XML) and the cabinets that it imports.

What reads digests of sites is no part of the front door: a compilation needs no XML parser, and starts sooner without one.
"""

from policyc.targets.configmgr.digest.cabinet import cabinet, open_cabinet
from policyc.targets.configmgr.digest.errors import DigestError
from policyc.targets.configmgr.digest.model import (
    COMPLIANT,
    LATEST,
    Baseline,
    ConfigurationItem,
    Identity,
    RegistryExistenceSetting,
    RegistryValueSetting,
    ScriptSetting,
    Setting,
)
from policyc.targets.configmgr.digest.resources import resource_texts, resx
from policyc.targets.configmgr.digest.writing import baseline_digest, item_digest

__all__ = [
    "COMPLIANT",
    "LATEST",
    "Baseline",
    "ConfigurationItem",
    "DigestError",
    "Identity",
    "RegistryExistenceSetting",
    "RegistryValueSetting",
    "ScriptSetting",
    "Setting",
    "baseline_digest",
    "cabinet",
    "item_digest",
    "open_cabinet",
    "resource_texts",
    "resx",
]
