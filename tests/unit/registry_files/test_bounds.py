"""Hostile sizes in `.reg` and `.pol`: what no registry can hold is told, and costs no time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from policyc.registry_files.bounds import name_too_long
from policyc.registry_files.entries import FormatError
from policyc.registry_files.pol import read_pol
from policyc.registry_files.reg import parse_reg

HEAD = "Windows Registry Editor Version 5.00\r\n\r\n"
DEEP = "\\a" * 80_000


def reg(body: str) -> bytes:
    return (HEAD + body).encode("utf-8")


def pol(key: str, name: str = "x", data: bytes = b"\1\0\0\0", kind: int = 4) -> bytes:
    def wide(text: str) -> bytes:
        return text.encode("utf-16-le")

    numbers = (kind.to_bytes(4, "little"), len(data).to_bytes(4, "little"))
    return b"PReg\1\0\0\0" + wide(f"[{key}\0;{name}\0;") + numbers[0] + wide(";") + numbers[1] + wide(";") + data + wide("]")


def refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        read_pol(data)


def test_a_long_name_is_lost_alone() -> None:
    assert (name_too_long("n" * 16_383), name_too_long("n" * 16_384) is None) == (None, False)
    found = parse_reg(reg(f'[HKEY_LOCAL_MACHINE\\A]\r\n"{"n" * 16_384}"=dword:1\r\n"y"=dword:1\r\n'))
    assert [entry.name for entry in found.entries] == [None, "y"]
    with pytest.raises(FormatError, match="16384 characters"):
        read_pol(pol("A", "n" * 16_384))


def test_many_keys_below_a_long_one() -> None:
    names = ("a;" * 200_000).encode("utf-16-le")
    with pytest.raises(FormatError, match="200001 names"):
        read_pol(pol("\\".join(["k" * 255] * 500), "**DeleteKeys", names, 1))
    assert len(read_pol(pol("A", "**DeleteKeys", names, 1))) == 200_000


@pytest.mark.parametrize(
    "read",
    [
        lambda: parse_reg(reg(f"[HKEY_LOCAL_MACHINE{DEEP}]\r\n" + '"x"=dword:1\r\n' * 1000)),
        lambda: parse_reg(reg(f"[HKEY_LOCAL_MACHINE{DEEP}]\r\n" * 20)),
        lambda: parse_reg(reg("[a" + "] " * 200_000 + "[\r\n")),
        lambda: parse_reg(reg('[A]\r\n"' + "\\\\" * 200_000)),
        lambda: parse_reg(reg("[A]\r\n" + '"x"="abc\r\n' * 10_000)),
        lambda: parse_reg(reg('[A]\r\n"x"=hex:' + "00,\\\r\n" * 50_000)),
        lambda: parse_reg(reg("[A]\r\n" + '"x"=hex:00,\\\r\n' * 20_000)),
        lambda: parse_reg(reg("[A]\r\n" + " " * 500_000 + "x")),
        lambda: parse_reg(reg("[A]\r\n," + " " * 500_000 + "x")),
        lambda: parse_reg(reg("[A]\r\n00" + " " * 500_000 + "x")),
        lambda: read_pol(pol("A" + DEEP)),
        lambda: refused(b"PReg\1\0\0\0[\0" + b"a\0\0a" * 100_000),
    ],
)
def test_hostile_files_take_no_time(read: Callable[[], object]) -> None:
    started = time.process_time()
    read()
    assert time.process_time() - started < 60
