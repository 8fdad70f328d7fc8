"""Backups of Group Policy objects, made for tests: the shapes of GPMC's, with data of our own."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

GUID = "{6A1B2C3D-0000-4000-8000-00000000000A}"
_OPERATIONS = "http://www.microsoft.com/GroupPolicy/GPOOperations"
MACHINE = "DomainSysvol/GPO/Machine"
USER = "DomainSysvol/GPO/User"
GPT_TMPL = f"{MACHINE}/microsoft/windows nt/SecEdit/GptTmpl.inf"
AUDIT_CSV = f"{MACHINE}/Microsoft/Windows NT/Audit/audit.csv"
PREFERENCES = f"{MACHINE}/Preferences/Registry/Registry.xml"


def pol(*values: tuple[str, str, int]) -> bytes:
    """A registry.pol of DWORDs: (key, name, number)."""
    data = b"PReg\x01\0\0\0"
    for key, name, number in values:
        fields = (f"{key}\0".encode("utf-16-le"), f"{name}\0".encode("utf-16-le"), struct.pack("<I", 4), struct.pack("<I", 4))
        data += "[".encode("utf-16-le") + ";".encode("utf-16-le").join([*fields, struct.pack("<I", number)]) + b"]\0"
    return data


def bkup_info(name: str, guid: str = GUID) -> bytes:
    inner = f"<ID><![CDATA[{guid}]]></ID><GPODisplayName><![CDATA[{name}]]></GPODisplayName>"
    return f'<BackupInst xmlns="{_OPERATIONS}/Manifest">{inner}</BackupInst>'.encode()


def backup_xml(name: str, *, options: int = 0, wmi: str = "", files: tuple[str, ...] = ()) -> bytes:
    listed = "".join(f'<FSObjectFile bkp:Path="x" bkp:Location="{file}"/>' for file in files)
    return (
        '<?xml version="1.0" encoding="utf-8"?><!-- a -->'
        f'<GroupPolicyBackupScheme xmlns:bkp="{_OPERATIONS}" xmlns="{_OPERATIONS}">'
        f"<GroupPolicyObject><GroupPolicyCoreSettings><DisplayName><![CDATA[{name}]]></DisplayName>"
        f"<Options><![CDATA[{options}]]></Options><WMIFilter>{wmi}</WMIFilter></GroupPolicyCoreSettings>"
        f'<GroupPolicyExtension bkp:ID="a">{listed}</GroupPolicyExtension></GroupPolicyObject></GroupPolicyBackupScheme>'
    ).encode()


def inf(**sections: str) -> bytes:
    """A security template; a section's name has underscores for blanks."""
    text = '[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature="$CHICAGO$"\r\nRevision=1\r\n'
    for section, body in sections.items():
        text += f"[{section.replace('_', ' ')}]\r\n" + "".join(f"{line}\r\n" for line in body.splitlines())
    return text.encode("utf-16")


def registry_xml(*items: str) -> bytes:
    body = "".join(items)
    return f'<?xml version="1.0" encoding="utf-8"?>\r\n<RegistrySettings clsid="{{A3}}">{body}</RegistrySettings>'.encode()


def item(inside: str = "", /, *, attributes: str = "", name: str = "Value", **properties: str) -> str:
    said = {
        "action": "U",
        "hive": "HKEY_LOCAL_MACHINE",
        "key": r"SOFTWARE\Example",
        "name": name,
        "type": "REG_SZ",
        "value": "",
    }
    words = " ".join(f'{word}="{value}"' for word, value in {**said, **properties}.items())
    values, filters = (inside, "") if inside.startswith("<Values") else ("", inside)
    return f'<Registry name="{name}" {attributes}><Properties {words}>{values}</Properties>{filters}</Registry>'


def write_backup(folder: Path, files: Mapping[str, bytes]) -> Path:
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder
