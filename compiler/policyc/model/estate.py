"""Who an estate is: the UUID in its `project.yaml`, from which marks, UUIDs and owners on devices derive."""

from __future__ import annotations

_POLICYC = "0bf02ff6-3f5c-5e5c-9f1a-6f1b7a1d3c55"
_VERSION_AT = 14


def derived_id(name: str) -> str:
    """The id of an estate that had none: what its objects on a site and its entries in journals were made from.

    >>> derived_id("Example estate")
    '8ee4ffd4-acdb-58d3-be46-275fec287ebb'
    """
    # Only who has no id yet waits for this import.
    from uuid import UUID, uuid5

    return str(uuid5(UUID(_POLICYC), name))


def owner(estate: str, identity: str) -> str:
    """A collection in the journal of a device.

    >>> owner("3f0c1c52-5c1e-4b8e-9d57-0a6b1c2d3e4f", "pilot")
    '3f0c1c52-5c1e-4b8e-9d57-0a6b1c2d3e4f/pilot'
    """
    return f"{estate}/{identity}" if estate else identity


def log_name(estate: str, identity: str) -> str:
    """A collection's log on a device.

    >>> log_name("3f0c1c52-5c1e-4b8e-9d57-0a6b1c2d3e4f", "pilot")
    'policyc-pilot-3f0c1c52.log'
    """
    return f"policyc-{identity}-{estate[:8]}.log" if estate else f"policyc-{identity}.log"


def is_derived(id: str) -> bool:
    """Whether the id was made from a name (version 5), so that journals may hold owners from before there were ids.

    >>> is_derived("8ee4ffd4-acdb-58d3-be46-275fec287ebb")
    True
    """
    return id[_VERSION_AT] == "5"
