"""`policyc sign`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from policyc.cli.formats import Format, today
from policyc.cli.options import AsOf, FormatOption, Policies

Output = Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder that `policyc compile` has written.")]
To = Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder for the signed output; not one for git.")]
Certificate = Annotated[
    Path | None,
    typer.Option(
        "--certificate", metavar="FILE", help="Certificate: .pfx, .p12 or .pem.", show_default="POLICYC_SIGN_CERTIFICATE"
    ),
]
Key = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="Private key (.pem), where it isn't in the certificate's file."),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="File whose first line opens the key, or POLICYC_SIGN_PASSWORD."),
]
Thumbprint = Annotated[
    str | None,
    typer.Option("--thumbprint", metavar="HEX", help="On Windows: certificate of the certificate store to sign with."),
]
Timestamp = Annotated[
    str | None,
    typer.Option("--timestamp", metavar="URL", help="Time-stamp server (RFC 3161).", show_default="POLICYC_SIGN_TIMESTAMP"),
]


def sign(  # noqa: PLR0913 - one a choice of the administrator
    *,
    policies: Policies = Path("policies"),
    output: Output = Path("output"),
    to: To = Path("signed"),
    certificate: Certificate = None,
    key: Key = None,
    password_file: PasswordFile = None,
    thumbprint: Thumbprint = None,
    timestamp: Timestamp = None,
    format: FormatOption = Format.TEXT,
    as_of: AsOf = None,
) -> None:
    """Sign what `compile` wrote, into a folder of its own.

    Scripts, and the cabinets that hold them, are signed with osslsigncode, or on Windows with a certificate of the store.
    What is signed already is not signed again. The first signing, and one with another certificate, raises revisions in
    the output folder too: commit them.

    \b
    Examples:
      policyc sign --certificate code-signing.pfx --password-file password.txt --timestamp http://timestamp.example.com
      policyc sign --thumbprint 0123456789ABCDEF0123456789ABCDEF01234567 --to release
      policyc compile --check --output signed
    """
    from policyc.cli.console import progress
    from policyc.cli.reporting import report, say, say_day
    from policyc.driver.sign import sign as sign_output
    from policyc.signing import Options

    day = as_of or today()
    options = Options(certificate, key, password_file, thumbprint, timestamp)
    run = sign_output(policies, output, to, options, day, progress)
    report(policies, run.diagnostics, format, {"asOf": day.isoformat(), **run.figures})
    say_day(format, run.depends_on_the_day, day)
    for line in run.said or ["nothing was signed"]:
        say(format, line)
    raise typer.Exit(1 if any(one.is_error for one in run.diagnostics) else 0)
