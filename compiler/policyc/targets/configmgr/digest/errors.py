"""What becomes of bytes that are no digest and no cabinet."""

from collections.abc import Sequence


class DigestError(ValueError):
    """The content can't be read; the message says why, in words."""


class MissingPackageError(DigestError):
    """A package that reads it isn't installed."""

    def __init__(self, what: str, install: str) -> None:
        self.what = what
        self.install = install
        """The command that installs it."""
        super().__init__(f"{what}: {install}")


class LzxError(DigestError):
    """The cabinet is packed with LZX, which isn't unpacked here; what it claims is within bounds."""

    def __init__(self, sizes: Sequence[tuple[str, int]]) -> None:
        self.sizes = tuple(sizes)
        """Name and length of each file in it."""
        super().__init__("the cabinet is packed with LZX, which isn't read here: expand it with expand.exe")
