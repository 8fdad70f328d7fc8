"""What is put on a spool comes back, wherever it waits."""

from __future__ import annotations

import io
import tempfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from policyc.source import spool as module
from policyc.source.spool import Spool


@given(some.lists(some.binary(max_size=40)), some.integers(0, 60), some.randoms())
def test_everything_comes_back_in_any_order(parts: list[bytes], few: int, random: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FEW", few)
        spool = Spool()
        places = []
        for number, part in enumerate(parts):
            places.append(spool.add(part))
            assert spool.get(places[random.randrange(number + 1)]) in parts
        order = list(range(len(parts)))
        random.shuffle(order)
        assert [spool.get(places[number]) for number in order] == [parts[number] for number in order]


def test_many_lie_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(module, "_FEW", 4)
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: made.append(io.BytesIO()) or made[-1])
    spool = Spool()
    places = [spool.add(part) for part in (b"abc", b"def", b"ghi")]
    assert [one.getvalue() for one in made] == [b"abcdefghi"]
    assert [spool.get(place) for place in places] == [b"abc", b"def", b"ghi"]


class Full(io.BytesIO):
    """A disk with room for so many bytes."""

    room = 7

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self.room:
            super().write(data[:1])
            raise OSError(28, "No space left on device")
        return super().write(data)


@pytest.mark.parametrize("room", [0, 7])
def test_a_full_disk_costs_memory_and_nothing_else(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(module, "_FEW", 4)
    monkeypatch.setattr(Full, "room", room)
    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    spool = Spool()
    places = [spool.add(part) for part in (b"abc", b"def", b"ghi", b"jkl")]
    assert [spool.get(place) for place in places] == [b"abc", b"def", b"ghi", b"jkl"]


def test_without_a_place_for_files_it_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr(module, "_FEW", 4)
    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    spool = Spool()
    assert [spool.get(spool.add(part)) for part in (b"abc", b"def", b"ghi")] == [b"abc", b"def", b"ghi"]
