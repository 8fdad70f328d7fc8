"""The table of nodes: each row alone, and together against what Group Policy is seen to write."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from policyc.kinds.registry.places import parse_key
from policyc.model import Append, CreateKey, DeleteValue, Kind, SetValue
from policyc.targets.csp.limits import SETTINGS
from policyc.targets.csp.nodes import Node, UnsayableError, nodes, value_of

ALL = tuple(nodes().values())
ADMX = tuple(node for node in ALL if "/Policy/Config/" in node.uri)
NAMED = os.environ.get("POLICYC_CORPORA", "")


@pytest.mark.parametrize("node", ALL, ids=lambda node: node.uri.rpartition("/")[2])
def test_a_row_says_what_it_needs(node: Node) -> None:
    assert node.uri.startswith("./Device/Vendor/MSFT/")
    assert not any(character in node.uri for character in " \\%?#")
    assert node.source
    place = parse_key(f"HKLM\\{node.place.key}", None)
    assert (place.key, place.view) == (node.place.key, node.place.view), "a policy's place is brought to the canonical one"
    assert node.permanent == (node not in ADMX)
    if node.permanent:
        assert node.default is not None
        assert value_of(node, node.kind, SetValue(node.default)) is not None


def test_no_two_rows_share_a_place_or_a_node() -> None:
    assert len({node.uri for node in ALL}) == len(ALL)
    assert len({node.place.identity for node in ALL}) == len(ALL)
    # Each is set once, so no profile grows larger than Graph takes.
    assert len(ALL) + 1 <= SETTINGS


@pytest.mark.parametrize("node", ADMX, ids=lambda node: node.uri.rpartition("/")[2])
def test_what_a_node_of_templates_is_set_to_is_the_xml_of_it(node: Node) -> None:
    numbers = node.takes.values() if node.form == "switch" else range(node.takes["from"], node.takes["to"] + 1)
    for number in numbers:
        said = str(value_of(node, Kind.DWORD, SetValue(number)))
        state, *data = ET.fromstring(f"<policy>{said}</policy>")
        assert state.tag in ("enabled", "disabled")
        assert [(one.tag, one.get("id"), one.get("value")) for one in data] == (
            [] if node.form == "switch" else [("data", node.takes["id"], str(number))]
        )


def test_what_is_not_in_a_row_is_not_said() -> None:
    node = next(node for node in ADMX if node.form == "switch")
    for write in (SetValue(7), DeleteValue(), Append(("x",)), CreateKey()):
        with pytest.raises(UnsayableError):
            value_of(node, Kind.DWORD, write)
    (known,) = node.takes.values()
    with pytest.raises(UnsayableError):
        value_of(node, Kind.STRING, SetValue(str(known)))


def written(file: Path) -> Iterator[tuple[str, str, int]]:
    """(Key, name, data) of each DWORD of a registry.pol: [MS-GPREG] 2.2.1."""
    raw = file.read_bytes()
    assert raw[:8] == b"PReg\x01\x00\x00\x00"
    at = 8
    while at < len(raw):
        at += 2
        texts = []
        for _ in range(2):
            end = at
            while raw[end : end + 2] != b"\0\0":
                end += 2
            texts.append(raw[at:end].decode("utf-16-le"))
            at = end + 4
        kind, size = struct.unpack_from("<I2xI", raw, at)
        at += 12
        if kind == 4:
            yield texts[0], texts[1], struct.unpack_from("<I", raw, at)[0]
        at += size + 2


BACKUP = Path(NAMED, "gpo-backups", "windows")


@pytest.mark.skipif(not NAMED or not BACKUP.is_dir(), reason="no corpora: set POLICYC_CORPORA")
def test_group_policy_is_seen_to_write_the_same() -> None:
    """The states of a report and the data of the same backup, held against the rows."""
    (folder,) = BACKUP.iterdir()
    data = {
        (key.upper(), name.upper()): number for key, name, number in written(folder / "DomainSysvol/GPO/Machine/registry.pol")
    }
    seen = {node.uri: data.get((node.place.key.upper(), str(node.place.name).upper())) for node in ADMX}
    found = {uri for uri, number in seen.items() if number is not None}
    assert len(found) >= 30
    for node in ADMX:
        if node.uri in found:
            value_of(node, Kind.DWORD, SetValue(int(seen[node.uri] or 0)))
    report = ET.parse(folder / "gpreport.xml")
    states: dict[str, set[str]] = {}
    for policy in report.iter():
        if policy.tag.endswith("}Policy"):
            texts = {part.tag.rpartition("}")[2]: part.text or "" for part in policy}
            states.setdefault(texts["Name"], set()).add(texts["State"].lower())
    checked = 0
    for uri, name in NAMES.items():
        node = next(node for node in ADMX if node.uri.endswith(f"/{uri}"))
        assert states[name] == set(node.takes), uri
        checked += 1
    assert checked == len(NAMES)


NAMES = {
    "AllowBasicAuthentication_Client": "Allow Basic authentication",
    "AllowUnencryptedTraffic_Service": "Allow unencrypted traffic",
    "DisallowDigestAuthentication": "Disallow Digest authentication",
    "DisallowStoringOfRunAsCredentials": "Disallow WinRM from storing RunAs credentials",
    "EnumerateAdministrators": "Enumerate administrator accounts on elevation",
    "DoNotAllowDriveRedirection": "Do not allow drive redirection",
    "RequireSecureRPCCommunication": "Require secure RPC communication",
    "SolicitedRemoteAssistance": "Configure Solicited Remote Assistance",
    "DiablePrintingOverHTTP": "Turn off printing over HTTP",
    "AllowAutomaticRestartSignOn": "Sign-in last interactive user automatically after a system-initiated restart",
    "AllowPINLogon": "Turn on convenience PIN sign-in",
    "EnumerateLocalUsersOnDomainJoinedComputers": "Enumerate local users on domain-joined computers",
    "NC_ShowSharedAccessUI": "Prohibit use of Internet Connection Sharing on your DNS domain network",
    "ApplyUACRestrictionsToLocalAccountsOnNetworkLogon": "Apply UAC restrictions to local accounts on network logons",
    "WDigestAuthentication": "WDigest Authentication (disabling may require KB2871997)",
    "AllowICMPRedirectsToOverrideOSPFGeneratedRoutes": (
        "MSS: (EnableICMPRedirect) Allow ICMP redirects to override OSPF generated routes"
    ),
}
"""The report's name of a policy, by the last part of its node."""
