"""`scripts.ini` and `psscripts.ini`: what Group Policy, a domain's or the image's own, runs when a machine starts.

UTF-16 little-endian with a byte order mark, CRLF, a blank line first; keys are numbered from 0, and `Parameters` stands also
where it is empty. A command line without a folder means `Machine\\Scripts\\Startup` of the same policy
(Microsoft, "Group Policy: Scripts Extension Encoding", 2.2.2 and 2.2.3).
"""

from __future__ import annotations

import codecs


def startup_file(script: str) -> bytes:
    """The file with one start-up script."""
    text = f"\r\n[Startup]\r\n0CmdLine={script}\r\n0Parameters=\r\n"
    return codecs.BOM_UTF16_LE + text.encode("utf-16-le")
