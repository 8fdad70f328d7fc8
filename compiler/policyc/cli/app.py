"""The command `policyc`: where it begins and how it ends."""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import suppress

from policyc.cli import console, formats, quick

_RARELY = (200_000, 20, 100)


def main() -> None:
    """Run the command and end the process."""
    console.prepare()
    # What a run builds it needs to its end, so looking for garbage often is a twentieth of its time for nothing.
    gc.set_threshold(*_RARELY)
    try:
        code: int | str | None = _run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = _nobody_reads()
    except SystemExit as end:
        code = end.code
    except OSError as failure:
        code = _cannot_go_on(failure)
    except Exception as defect:
        from policyc.cli import defects

        code = defects.report(defect)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = _nobody_reads()
    except OSError as failure:
        # What is still waiting would be tried once more at the very end, and decide how it ends.
        said = _cannot_go_on(failure) if _is_full(failure) else 1
        code = code or said
    sys.exit(formats.translated(sys.argv[1:], code))


def _is_full(failure: OSError) -> bool:
    return failure.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)


def _cannot_go_on(failure: OSError) -> int:
    """A full disk behind standard output is the machine's trouble; any other failure should have become a finding."""
    if not _is_full(failure):
        from policyc.cli import defects

        return defects.report(failure)
    with suppress(OSError):
        sys.stderr.write(f"policyc: the report can't be written: {failure.strerror}\n")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _run(arguments: list[str]) -> int | str | None:
    code = quick.run(arguments)
    if code is None:
        from policyc.cli.commands import app

        app(arguments, prog_name="policyc")
        code = 0
    return code


def _nobody_reads() -> int:
    """Standard output was closed (`policyc explain | head`): nothing to say, nobody to say it to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
