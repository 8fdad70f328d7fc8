"""What becomes of bytes that are no digest and no cabinet."""


class DigestError(ValueError):
    """The content can't be read; the message says why, in words."""


class MissingPackageError(DigestError):
    """A package that reads it isn't installed."""

    def __init__(self, what: str, install: str) -> None:
        self.what = what
        self.install = install
        """The command that installs it."""
        super().__init__(f"{what}: {install}")
