"""Which tests are traced for the coverage floor: tracing takes longer than most tests do.

What is counted is what was traced, so less tracing can only make the figure smaller, and the floor holds as it stands. Not
traced are tests that run PowerShell, where Python only waits; those of Hypothesis, which run the same lines a hundred times;
and further cases of a test, and further tests of a file, once several in a row have met nothing new.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

import pytest

_UNTRACED = ("endpoint", "powershell", "hypothesis")
"""Markers; the last is Hypothesis' own."""
_QUIET_CASES = 2
"""Cases of one test in a row without a new line or branch, after which the others aren't traced."""
_QUIET_TESTS = 15
"""The same for tests of a file."""


class Tracing:
    """A plugin of one worker, in a run with coverage."""

    def __init__(self) -> None:
        self._quiet: Counter[str] = Counter()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Run a test with the tracer, or without it."""
        from coverage import Coverage

        coverage = Coverage.current()
        if coverage is None or sys.gettrace() is None:
            return (yield)
        file, test = item.nodeid.partition("::")[0], item.nodeid.partition("[")[0]
        untraced = any(map(item.get_closest_marker, _UNTRACED))
        if untraced or self._quiet[test] >= _QUIET_CASES or self._quiet[file] >= _QUIET_TESTS:
            coverage.stop()
            try:
                return (yield)
            finally:
                coverage.start()
        before = _met()
        result = yield
        for name in (file, test):
            self._quiet[name] = 0 if _met() > before else self._quiet[name] + 1
        return result


def _met() -> int:
    """Lines and branches that the tracer has met so far."""
    data: dict[str, set[object]] = getattr(sys.gettrace(), "data", {})
    return sum(map(len, data.values()))
