"""Where in the policies something stands."""

from __future__ import annotations

from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A node of a policy file, or a line and column where there is no node.

    Policies are loaded without marks, so a location is a file and the way to a node in it; line and column
    are found by `policyc.source.marks` for the few locations that a report shows.
    """

    file: str
    """POSIX path relative to the policies folder (`rings/pilot.yaml`), `""` for the folder itself."""
    path: tuple[str | int, ...] = ()
    """Keys and indexes from the top of the document to the node."""
    on_key: bool = False
    """The key of the last step is meant, not its value."""
    line: int | None = None
    """1-based; given only where the file has no node to point to, as in a syntax error."""
    column: int | None = None
    """1-based, in characters; beside `line`."""

    def below(self, *steps: str | int) -> Location:
        """The location of a node below this one."""
        return Location(self.file, self.path + steps)

    def key(self) -> Location:
        """The key under which this node stands."""
        return Location(self.file, self.path, on_key=True)
