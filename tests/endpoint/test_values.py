"""What Python reads of a raw value is what .NET reads of it on an endpoint: imports and simulations stand on it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from endpoint.device import ROOT, Device
from endpoint.registry import UNREADABLE, Type, Value
from policyc.model import Data, Kind
from policyc.registry_files import RawValue
from policyc.registry_files.values import decode

pytestmark = pytest.mark.endpoint

KINDS = {
    "String": Kind.STRING,
    "ExpandString": Kind.EXPAND_STRING,
    "MultiString": Kind.MULTI_STRING,
    "DWord": Kind.DWORD,
    "QWord": Kind.QWORD,
    "Binary": Kind.BINARY,
}
# Characters go as numbers: half a surrogate pair survives no encoding.
READ = r"""
function Units($Text) { [string]::Join(' ', @($Text.ToCharArray() | ForEach-Object { [int]$_ })) }
$key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SOFTWARE\policyc-test\values')
foreach ($name in @($key.GetValueNames() | Sort-Object { [int]$_ })) {
    $kind = [string]$key.GetValueKind($name)
    $data = $key.GetValue($name, $null, 'DoNotExpandEnvironmentNames')
    $shown = if ($data -is [string[]]) {
        [string]::Join('|', @(foreach ($element in $data) { '<' + (Units $element) + '>' }))
    } elseif ($data -is [string]) { Units $data }
    elseif ($data -is [byte[]]) { [BitConverter]::ToString($data).Replace('-', '') }
    elseif ($data -is [int]) { [string]([long]$data -band 4294967295) }
    else { [string][BitConverter]::ToUInt64([BitConverter]::GetBytes([long]$data), 0) }
    Write-Output "$name $kind $shown"
}
"""


def wide(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


TEXTS = ["", "\0", "a", "a\0", "a\0\0", "a\0b", "a\0b\0", "\ud800", "\ud83d\ude00\0", "%x%\0", "\r\n\0", "\u00df\u0131\0"]
LISTS = [
    "",
    "\0",
    "\0\0",
    "\0\0\0",
    "a",
    "a\0",
    "a\0\0",
    "a\0b",
    "a\0b\0",
    "a\0b\0\0",
    "a\0\0b\0\0",
    "a\0\0\0",
    "\0a\0\0",
    "\ud800\0\0",
]
VALUES = [
    *(Value(Type.SZ, wide(text)) for text in TEXTS),
    *(Value(Type.EXPAND_SZ, wide(text)) for text in TEXTS),
    *(Value(Type.MULTI_SZ, wide(text)) for text in LISTS),
    *(Value(Type.DWORD, struct.pack("<I", number)) for number in (0, 1, 2**31, 2**32 - 1)),
    *(Value(Type.QWORD, struct.pack("<Q", number)) for number in (0, 1, 2**63, 2**64 - 1)),
    *(Value(Type.BINARY, data) for data in (b"", b"\0", b"\1\2\3")),
]


def shown(known: tuple[Kind, Data] | None) -> str:
    """As the script shows it."""
    assert known is not None
    kind, data = known
    word = next(word for word, one in KINDS.items() if one is kind)
    if isinstance(data, tuple):
        text = "|".join(f"<{units(element)}>" for element in data)
    else:
        text = units(data) if isinstance(data, str) else data.hex().upper() if isinstance(data, bytes) else str(data)
    return f"{word} {text}"


def units(text: str) -> str:
    data = wide(text)
    return " ".join(str(number) for (number,) in struct.iter_unpack("<H", data))


def test_python_reads_a_value_as_dotnet_does(device: Device, tmp_path: Path) -> None:
    script = tmp_path / "read.ps1"
    script.write_text(READ, encoding="ascii")
    batch = device.batch()
    batch.install({ROOT + r"\values": {str(number): one for number, one in enumerate(VALUES)}})
    read = batch.run(script)
    batch.execute()
    assert read.failure is None
    expected = [f"{number} {shown(decode(RawValue(one.type, one.data)))}" for number, one in enumerate(VALUES)]
    assert read.out == expected


@pytest.mark.parametrize("what", list(UNREADABLE))
def test_what_scripts_cannot_read_python_does_not_either(what: str) -> None:
    assert decode(RawValue(UNREADABLE[what].type, UNREADABLE[what].data)) is None
