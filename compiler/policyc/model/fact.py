"""What must be there on a device for a setting to be about it: `only_if`."""

from __future__ import annotations

from dataclasses import dataclass

from policyc.model.place import Hive, Place, View, upper

_SERVICES = "SYSTEM\\CurrentControlSet\\Services\\"


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A file or folder, by a path that begins with a drive or with a variable that every device has."""

    path: str

    @property
    def identity(self) -> tuple[str, str]:
        """Equal where two paths are spelled alike, but for capitals."""
        return ("file", upper(self.path))

    @property
    def parts(self) -> dict[str, str]:
        """The path."""
        return {"file": self.path}

    def shown(self, user: str | None) -> str:  # noqa: ARG002 (no file is a user's)
        """As it stands in the policy."""
        return str(self)

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class FeaturePlace:
    """An optional feature of Windows, by the name that DISM has for it."""

    name: str

    @property
    def identity(self) -> tuple[str, str]:
        """That of the same feature as a setting's own."""
        return ("optional_feature", upper(self.name))

    @property
    def parts(self) -> dict[str, str]:
        """The name."""
        return {"feature": self.name}

    def shown(self, user: str | None) -> str:  # noqa: ARG002 (no feature is a user's)
        """As people write it."""
        return str(self)

    def __str__(self) -> str:
        return f"the optional feature {self.name}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that must be there."""

    service: str | None = None
    place: Place | None = None
    """A key or value of the machine."""
    file: FilePlace | None = None
    feature: FeaturePlace | None = None
    enabled: bool = True
    """Of a feature: whether it must be enabled, or disabled."""

    @property
    def where(self) -> Place | FilePlace | FeaturePlace:
        """What is looked for: a service is its key, which goes with it."""
        if self.service is not None:
            return Place(Hive.MACHINE, View.BITS_64, f"{_SERVICES}{self.service}", None)
        found = self.place or self.file or self.feature
        if found is None:
            raise ValueError("a fact without a place")
        return found

    @property
    def state(self) -> str:
        """Of a feature: how it must be, as a policy says it."""
        return "enabled" if self.enabled else "disabled"

    def excludes(self, other: Fact) -> bool:
        """Whether no device has both at a time."""
        if self.feature is None or other.feature is None:
            return False
        return self.feature.identity == other.feature.identity and self.enabled is not other.enabled

    @property
    def words(self) -> dict[str, str | int]:
        """What a policy says below `only_if`."""
        if self.service is not None:
            return {"service": self.service}
        if self.file is not None:
            return {"file": self.file.path}
        if self.feature is not None:
            return {"feature": self.feature.name, "state": self.state}
        place = self.place
        if place is None:
            return {}
        name = {} if place.name is None else {"name": place.name}
        view = {"view": 32} if place.view is View.BITS_32 else {}
        return {"key": f"{place.hive}\\{place.key}", **name, **view}

    def __str__(self) -> str:
        """What it is, for people, as the subject of "is there"."""
        if self.service is not None:
            return f"the service {self.service}"
        if self.feature is not None:
            return f"the {self.state} optional feature {self.feature.name}"
        kind = "file" if self.file is not None else "key" if self.place is not None and self.place.name is None else "value"
        return f"the {kind} {self.where}"
