"""Classes, properties and collections that every site has, as data: `site_classes.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from policyc.model import upper
from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class SiteClasses:
    """Names by their upper-cased form. Discovery and inventory add to them, so that none of the lists is complete."""

    beginnings: tuple[str, ...]
    classes: dict[str, str]
    not_devices: frozenset[str]
    properties: dict[str, str]
    """Of SMS_R_System."""
    built_in_devices: frozenset[str]
    """Collections of devices that come with the site and can't be modified."""
    built_in_users: frozenset[str]


@cache
def load_site_classes() -> SiteClasses:
    """The data that comes with policyc."""
    import yaml

    text = (Path(__file__).with_name("site_classes.yaml")).read_bytes()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tree: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - both loaders are safe ones
    return SiteClasses(
        beginnings=tuple(map(upper, tree["beginnings"])),
        classes={upper(name): name for name in (*tree["resource_classes"], *tree["other_classes"])},
        not_devices=frozenset(map(upper, tree["not_devices"])),
        properties={upper(name): name for name in tree["properties"]},
        built_in_devices=frozenset(map(upper, tree["built_in"]["devices"])),
        built_in_users=frozenset(map(upper, tree["built_in"]["users"])),
    )
