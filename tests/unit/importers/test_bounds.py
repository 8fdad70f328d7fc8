"""Hostile sizes in files of others: each takes time for its size only, and ends as settings, as refusals or as an error."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable

import pytest

from policyc.importers import Imported
from policyc.importers.hardeningkitty import read as read_list
from policyc.importers.inf import read as read_inf
from policyc.importers.pol import read as read_pol
from policyc.importers.reg import read as read_reg
from policyc.registry_files import FormatError
from policyc.targets.configmgr.digest import DigestError, open_cabinet

COLUMNS = "ID,Category,Name,Method,MethodArgument,RegistryPath,RegistryItem,DefaultValue,RecommendedValue,Operator,Severity\n"
TEMPLATE = "[Unicode]\r\nUnicode=yes\r\n[Registry Values]\r\n"
LARGE = 1_000_000


def row(
    number: int, item: str = "v", recommended: str = "1", operator: str = "=", method: str = "Registry", name: str = "n"
) -> str:
    return f'{number},c,"{name}",{method},,HKLM:\\SOFTWARE\\X,{item},0,"{recommended}",{operator},Low\n'


def in_time(read: Callable[[], Imported]) -> Imported | None:
    """What comes of it; None where it is no such file."""
    started = time.process_time()
    try:
        return read()
    except FormatError as error:
        return None if 0 < len(str(error)) < 1000 else pytest.fail("it says too much, or nothing")
    finally:
        assert time.process_time() - started < 60


@pytest.mark.parametrize(
    ("body", "entries"),
    [
        ("".join(map(row, range(10_000))), 10_000),
        ("".join(row(number, method="accesschk") for number in range(10_000)), 10_000),
        ("".join(row(number, operator="<=" if number % 2 else ">=", recommended=str(number)) for number in range(6000)), 6000),
        (row(1, recommended="1" * LARGE), 1),
        (row(1, recommended="1" * LARGE, operator="<="), 1),
        (row(1, recommended="a" * LARGE, operator="contains"), 1),
        (row(1, name="a b" * LARGE), 1),
        (row(1, item="v" * LARGE), 1),
        (row(1, item="a\\" * LARGE), 1),
        ('"' * LARGE, 1),
        ("a  " * LARGE, 1),
        ("\n" * 90_000, 0),
    ],
)
def test_a_finding_list(body: str, entries: int) -> None:
    found = in_time(lambda: read_list((COLUMNS + body).encode(), "a.csv"))
    assert found is not None
    assert found.entries == entries


@pytest.mark.parametrize(
    "text",
    [
        COLUMNS + '"' + "a" * LARGE,
        COLUMNS + "," * LARGE,
        f"{COLUMNS.strip()}{',a' * LARGE}\n{row(1)}",
        COLUMNS + "\n" * 300_000,
        COLUMNS + "\r" * 300_000,
    ],
    ids=["never closed", "fields", "columns", "lines", "lines of a Mac"],
)
def test_what_is_no_finding_list(text: str) -> None:
    assert in_time(lambda: read_list(text.encode(), "a.csv")) is None


@pytest.mark.parametrize(
    "read",
    [
        lambda: read_reg(b"REGEDIT4\r\n" + b"\r\n" * 600_000, "a.reg"),
        lambda: read_inf((TEMPLATE + "\n" * 600_000).encode(), "a.inf"),
        lambda: read_pol(b"PReg\1\0\0\0" + "[a\0]".encode("utf-16-le") * 600_000, "a.pol", hive="HKLM"),
    ],
    ids=["reg", "inf", "pol"],
)
def test_more_than_any_file_has(read: Callable[[], Imported]) -> None:
    assert in_time(read) is None


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"MACHINE\\Software\\X\\v{number}=4,1\r\n" for number in range(8000)),
        "MACHINE\\Software\\X\\v=7," + "a," * LARGE,
        "MACHINE\\Software\\X\\v=7," + '",",' * LARGE,
        "MACHINE\\Software\\X\\v" + " " * LARGE,
        "MACHINE\\Software\\X\\v" + " = " * 100_000,
        "MACHINE\\Software\\X" + "\\a" * LARGE + "=4,1",
        "[x]" + " " * LARGE + "y",
        "[Other]\r\n" + "a=b\r\n" * 50_000,
    ],
)
def test_a_security_template(body: str) -> None:
    found = in_time(lambda: read_inf((TEMPLATE + body + "\r\n").encode(), "a.inf"))
    assert found is not None
    assert found.entries >= 1


def header(folders: int, files: int, blocks: int, *, method: int, unpacked: int) -> bytes:
    """A cabinet that claims much: all folders share one block, all files one name."""
    first_block = 36 + 8 * folders + files * 18
    parts = [struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, 0, 0, 36 + 8 * folders, 0, 3, 1, folders, files, 0, 0, 0)]
    parts += [struct.pack("<IHH", first_block, blocks, method)] * folders
    parts += [struct.pack("<IIHHHH", unpacked, 0, 0, 33, 0, 32) + b"a\0"] * files
    parts += [struct.pack("<IHH", 0, 4, 0x8000) + b"CK\3\0"] * min(blocks, 10)
    return b"".join(parts)


@pytest.mark.parametrize("method", [0, 1, 0x1503], ids=["stored", "MSZIP", "LZX"])
@pytest.mark.parametrize(
    ("folders", "files", "blocks", "unpacked"),
    [
        (1, 1, 65_535, 100),
        (65_535, 1, 10, 100),
        (1, 65_535, 1, 0x7FFFFFFF),
        (1, 1, 1, 0xFFFFFFFF),
        (0, 65_535, 0, 0),
        (65_535, 65_535, 65_535, 1),
    ],
)
def test_a_cabinet_that_claims_much(method: int, folders: int, files: int, blocks: int, unpacked: int) -> None:
    started = time.process_time()
    with pytest.raises(DigestError):
        open_cabinet(header(folders, files, blocks, method=method, unpacked=unpacked))
    assert time.process_time() - started < 60
