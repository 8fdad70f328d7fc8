"""Bytes that wait until they are needed: a few in memory, many in a file that has no name."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import IO

_FEW = 8 * 1024 * 1024


class Spool:
    """Keeps what is added, and gives it back. The file lies where the system keeps temporary ones, and goes with this process.

    >>> spool = Spool()
    >>> first, second = spool.add(b"one"), spool.add(b"two")
    >>> spool.get(second), spool.get(first)
    (b'two', b'one')
    """

    def __init__(self) -> None:
        self._stream: IO[bytes] = BytesIO()
        self._size = 0
        self._in_memory = True

    def __del__(self) -> None:
        self._stream.close()

    def add(self, data: bytes) -> tuple[int, int]:
        """Where it is from now on: what `get` asks for. Without room on the disk it stays in memory."""
        if self._in_memory and self._size >= _FEW:
            self._in_memory = False
            self._move()
        begin = self._size
        try:
            self._stream.seek(begin)
            self._stream.write(data)
            self._stream.flush()
        except OSError:
            self._back_to_memory()
            self._stream.seek(begin)
            self._stream.write(data)
        self._size += len(data)
        return begin, len(data)

    def get(self, place: tuple[int, int]) -> bytes:
        """What was added there."""
        begin, length = place
        self._stream.seek(begin)
        return self._stream.read(length)

    def _move(self) -> None:
        from tempfile import TemporaryFile

        with suppress(OSError):
            stream = TemporaryFile()  # noqa: SIM115 - it is closed when the spool goes
            try:
                self._stream.seek(0)
                stream.write(self._stream.read())
                stream.flush()
            except OSError:
                stream.close()
                raise
            self._stream = stream

    def _back_to_memory(self) -> None:
        self._stream.seek(0)
        kept = BytesIO(self._stream.read(self._size))
        self._stream.close()
        self._stream = kept
