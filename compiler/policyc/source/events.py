"""The parser: libyaml's events where PyYAML has it, PyYAML's own otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner, ScannerError

from policyc.source.untyped import Event

NextEvent = Callable[[], Any]
"""Gives the next event, None after the last; raises YAMLError, and what Python raises on text that no one foresaw."""

Failure = (yaml.YAMLError, ValueError, LookupError, ArithmeticError, TypeError, RecursionError)
"""What parsing may raise: PyYAML's readers, scanners and parsers share no narrower class."""


class _PythonParser(Reader, Scanner, Parser):
    """Events without the loader's other halves."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def get_event(self) -> Event:
        """The next event; an escape for no character fails as libyaml's does."""
        try:
            return super().get_event()  # type: ignore[no-untyped-call]
        except (ValueError, OverflowError) as failure:
            raise ScannerError(None, None, "invalid Unicode character escape", self.get_mark()) from failure


def python_events(text: str) -> NextEvent:
    """Events of PyYAML's own parser."""
    next_event: NextEvent = _PythonParser(text).get_event
    return next_event


def libyaml_events(text: str) -> NextEvent:
    """Events of libyaml, several times as fast."""
    from yaml._yaml import CParser

    next_event: NextEvent = CParser(text).get_event
    return next_event


events: Callable[[str], NextEvent] = libyaml_events if yaml.__with_libyaml__ else python_events
