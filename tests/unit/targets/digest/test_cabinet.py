"""Cabinets, read by others too; broken ones are refused with a reason."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import struct
import subprocess
import zlib
from pathlib import Path

import cabarchive
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policyc.targets.configmgr.digest import DigestError, cabinet, item_digest, open_cabinet, resource_texts, resx
from unit.targets.digest import samples
from unit.targets.digest.samples import SCRIPT

NAMES = st.text("abcXYZ0-_. ", min_size=1, max_size=12)
FILES = st.dictionaries(NAMES, st.binary(max_size=50), min_size=1, max_size=4).filter(lambda files: any(files.values()))
LONG = random.Random(1).randbytes(3 * 0x8000 + 7)
ITEM = samples.item(SCRIPT)
WHOLE = cabinet({"settings.xml": item_digest(ITEM), "settings.en-US.resx": resx(resource_texts(ITEM))})


def by_the_library(files: dict[str, bytes], *, compress: bool = False) -> bytes:
    archive = cabarchive.CabArchive()
    for name, content in files.items():
        file = cabarchive.CabFile(content, mtime=dt.datetime(1980, 1, 1))  # noqa: DTZ001 - a cabinet knows no zone
        file.is_arch = True
        archive[name] = file
    return archive.save(compress=compress)


@given(FILES)
@example({"a": LONG})
@example({"a": LONG[:0x8000], "b": b"", "c": LONG[:1], "d": LONG[: 0x8000 - 1]})
def test_the_bytes_are_the_librarys(files: dict[str, bytes]) -> None:
    assert cabinet(files) == by_the_library(files)


@given(FILES)
@example({"a": LONG, "b": b"b"})
def test_a_cabinet_comes_back(files: dict[str, bytes]) -> None:
    assert open_cabinet(cabinet(files)) == files
    assert cabinet(dict(reversed(files.items()))) == cabinet(files)
    assert open_cabinet(by_the_library(files, compress=True)) == files


def test_cabextract_reads_it(cabextract: str, tmp_path: Path) -> None:
    files = {**open_cabinet(WHOLE), "long.bin": LONG}
    (tmp_path / "a.cab").write_bytes(cabinet(files))
    done = subprocess.run(
        [cabextract, "-d", tmp_path / "out", tmp_path / "a.cab"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == files


def test_gcab_reads_it(gcab: str, tmp_path: Path) -> None:
    files = {**open_cabinet(WHOLE), "long.bin": LONG}
    (tmp_path / "a.cab").write_bytes(cabinet(files))
    out = tmp_path / "out"
    out.mkdir()
    done = subprocess.run([gcab, "-x", "-C", out, tmp_path / "a.cab"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == files


def test_what_gcab_packs_is_read(gcab: str, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(LONG)
    packed = tmp_path / "a.cab"
    subprocess.run([gcab, "-c", "-n", packed, tmp_path / "a.xml"], check=True, capture_output=True, timeout=60)
    assert list(open_cabinet(packed.read_bytes()).values()) == [LONG]


def test_cabextract_sees_a_wrong_checksum(cabextract: str, tmp_path: Path) -> None:
    content = bytearray(WHOLE)
    content[-1] ^= 1
    (tmp_path / "a.cab").write_bytes(content)
    done = subprocess.run([cabextract, "-t", tmp_path / "a.cab"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", "..\\a", "c:a", "\u00e9", "a\0", "a*", "x" * 255])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no plain file name"):
        cabinet({name: b"a"})


@pytest.mark.parametrize("files", [{}, {"a": b""}])
def test_nothing_makes_no_cabinet(files: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="a cabinet of 0 bytes"):
        cabinet(files)


def changed(place: int, form: str, *values: int) -> bytes:
    content = bytearray(WHOLE)
    struct.pack_into(form, content, place, *values)
    return bytes(content)


FIRST_FILE = 36 + 8
FIRST_DATA = struct.unpack_from("<I", WHOLE, 36)[0]


def test_reserved_room_is_skipped() -> None:
    name, content = b"a\0", b"abc"
    data = 36 + 4 + 5 + 8 + 2 + 16 + len(name)
    reserved = b"".join(
        (
            struct.pack("<4s4xI4xI4xBBHHHHH", b"MSCF", data + 8 + 1 + 3, 36 + 4 + 5 + 8 + 2, 3, 1, 1, 1, 4, 0, 0),
            struct.pack("<HBB", 5, 2, 1) + bytes(5),
            struct.pack("<IHH", data, 1, 0) + bytes(2),
            struct.pack("<IIHHHH", 3, 0, 0, 33, 0, 32) + name,
            struct.pack("<IHH", 0, 3, 3) + bytes(1) + content,
        )
    )
    assert open_cabinet(reserved) == {"a": content}


def bomb() -> bytes:
    """One block that claims 32 KB and unpacks to 60 MB."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"CK" + pack.compress(bytes(60_000_000)) + pack.flush()
    assert len(packed) < 0x10000
    name = b"a\0"
    data = 36 + 8 + 16 + len(name)
    return b"".join(
        (
            struct.pack("<4s4xI4xI4xBBHHHHH", b"MSCF", data + 8 + len(packed), 44, 3, 1, 1, 1, 0, 0, 0),
            struct.pack("<IHH", data, 1, 1),
            struct.pack("<IIHHHH", 0x8000, 0, 0, 33, 0, 32) + name,
            struct.pack("<IHH", 0, len(packed), 0x8000),
            packed,
        )
    )


def shared_blocks() -> bytes:
    """65,535 folders, each of 65,535 blocks, all of them the same 8 bytes."""
    folders = struct.pack("<IHH", 36 + 8 * 0xFFFF, 0xFFFF, 0) * 0xFFFF
    header = struct.pack("<4s4xI4xI4xBBHHHHH", b"MSCF", 36, 36, 3, 1, 0xFFFF, 1, 0, 0, 0)
    return header + folders + bytes(8 * 0xFFFF)


def test_a_name_in_the_bytes_of_a_code_page_is_no_obstacle() -> None:
    content = cabinet({"Gr__e.xml": b"1"}).replace(b"Gr__e", b"Gr\xf6\xdfe")
    assert open_cabinet(content) == {"Gr__e.xml": b"1"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cut off"),
        (b"MSCF", "cut off"),
        (b"PK\3\4" + bytes(60), "doesn't begin with MSCF"),
        (bytes(64 * 2**20 + 1), "at most"),
        (changed(30, "<H", 1), "part of a set"),
        (changed(28, "<H", 0), "broken: The cab file is empty"),
        (changed(38 + 4, "<H", 3), "packed with LZX"),
        (changed(FIRST_FILE, "<I", 2**31), "claim more than"),
        (changed(FIRST_FILE + 8, "<H", 9), "broken"),
        (changed(FIRST_DATA, "<I", 1), "broken: Invalid checksum"),
        (changed(24, "<B", 4), "broken"),
        (cabinet({"a": b"x" * 300}).replace(b"a\0", b"aa"), "name in the cabinet has no end"),
        (cabinet({"a": b"1"}).replace(b"a\0", b"\0\0"), "without a name"),
        (cabinet({"a": b"1", "b": b"2"}).replace(b"b\0", b"a\0"), "several of one name"),
        (bomb(), "broken: decompressor result invalid"),
        (shared_blocks(), "more blocks than it has room for"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_cabinet_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(DigestError, match=reason):
        open_cabinet(content)


def open_or_refuse(content: bytes) -> None:
    """Anything else than DigestError goes through."""
    with contextlib.suppress(DigestError):
        assert open_cabinet(content)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_opened_or_refused(content: bytes, begun: bool) -> None:
    open_or_refuse(WHOLE[:36] + content if begun else content)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_cabinet_cut_off_is_refused(length: int) -> None:
    with pytest.raises(DigestError):
        open_cabinet(WHOLE[:length])


PACKED = by_the_library({"a": item_digest(ITEM), "b": b"b"}, compress=True)


@given(st.sampled_from([WHOLE, PACKED]), st.integers(0, 150), st.binary(min_size=1, max_size=4))
def test_a_damaged_cabinet_is_opened_or_refused(whole: bytes, place: int, put: bytes) -> None:
    open_or_refuse(whole[:place] + put + whole[place + len(put) :])
