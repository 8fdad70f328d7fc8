"""What becomes of bytes that are no digest and no cabinet."""


class DigestError(ValueError):
    """The content can't be read; the message says why, in words."""
