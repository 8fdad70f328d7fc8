"""`policyc schema`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kind(StrEnum):
    """The kinds of documents."""

    PROJECT = "project"
    COLLECTION = "collection"
    BASELINE = "baseline"
    STATE = "state"
    TESTS = "tests"


KindArgument = Annotated[Kind | None, typer.Argument(help="Which schema; without one all are written, or listed.")]
WriteOption = Annotated[
    Path | None, typer.Option("--write", metavar="DIR", help="Write into this folder instead, replacing older schemas there.")
]


def schema(kind: KindArgument = None, write: WriteOption = None) -> None:
    """Print a JSON Schema, or write all for your editor.

    \b
    Examples:
      policyc schema collection
      policyc schema --write schema
    """
    from policyc.driver.schemas import KINDS, file_name, schema_text

    kinds = KINDS if kind is None else (kind.value,)
    if write is None:
        if kind is None:
            sys.stdout.write("".join(f"{name}\n" for name in KINDS))
        else:
            sys.stdout.write(schema_text(kind.value).decode("utf-8"))
        return
    for name in kinds:
        target = write / file_name(name)
        try:
            write.mkdir(parents=True, exist_ok=True)
            target.write_bytes(schema_text(name))
        except OSError as failure:
            sys.stderr.write(f"error: '{target.as_posix()}' can't be written: {failure.strerror}\n")
            raise typer.Exit(1) from failure
        sys.stdout.write(f"{target.as_posix()}\n")
