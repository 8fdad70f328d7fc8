"""The extensions of Group Policy: which file is whose, and how an object names them.

A client starts only those that the object names, whatever files there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from policyc.targets.group_policy.change import Side

_PREFERENCES = "{00000000-0000-0000-0000-000000000000}"
"""The group that stands before all others where any preferences are used."""


class Extension(Enum):
    """(Client's extension, tool for computers, tool for users, name, file below a side's folder)."""

    REGISTRY = (
        "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}",
        "{D02B1F72-3407-48AE-BA88-E8213C6761F1}",
        "{D02B1F73-3407-48AE-BA88-E8213C6761F1}",
        "Registry",
        "registry.pol",
    )
    SECURITY = (
        "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}",
        "{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}",
        "{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}",
        "Security",
        r"Microsoft\Windows NT\SecEdit\GptTmpl.inf",
    )
    AUDIT = (
        "{F3CCC681-B74C-4060-9F26-CD84525DCA2A}",
        "{0F3F3735-573D-9804-99E4-AB2A69BA5FD4}",
        "{0F3F3735-573D-9804-99E4-AB2A69BA5FD4}",
        "",
        r"Microsoft\Windows NT\Audit\audit.csv",
    )
    REGISTRY_PREFERENCES = (
        "{B087BE9D-ED37-454F-AF9C-04291E351182}",
        "{BEE07A6A-EC9F-4659-B8C9-0B1937907C83}",
        "{BEE07A6A-EC9F-4659-B8C9-0B1937907C83}",
        "",
        r"Preferences\Registry\Registry.xml",
    )
    TASKS = (
        "{AADCED64-746C-4633-A97C-D61349046527}",
        "{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}",
        "{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}",
        "",
        r"Preferences\ScheduledTasks\ScheduledTasks.xml",
    )

    @property
    def client(self) -> str:
        """The GUID of what runs on clients."""
        return self.value[0]

    def tool(self, side: Side) -> str:
        """The GUID of what edits it."""
        return self.value[1 if side is Side.MACHINE else 2]

    @property
    def called(self) -> str:
        """As a backup calls it; empty where it doesn't know it."""
        return self.value[3]

    @property
    def file(self) -> str:
        """Below the folder of a side."""
        return self.value[4]

    @property
    def is_listed_by_name(self) -> bool:
        """Whether a backup lists its files as its own."""
        return bool(self.called)

    @property
    def evaluation(self) -> str:
        """What the console checks the file with."""
        return "SecurityValidateSettings" if self is Extension.SECURITY else ""

    @property
    def is_preferences(self) -> bool:
        """Whether it is one of the preferences."""
        return self.file.startswith("Preferences\\")


def of_file(path: str) -> Extension:
    """Whose a file is, by its path below a side's folder."""
    return next(one for one in Extension if one.file == path)


def groups(side: Side, paths: Iterable[str]) -> str:
    """The attribute that names the extensions of a side: `[{client}{tool}][...]`, by the client's GUID; empty for none."""
    used = sorted(map(of_file, paths), key=lambda one: one.client)
    tools = sorted(one.tool(side) for one in used if one.is_preferences)
    first = f"[{_PREFERENCES}{''.join(tools)}]" if tools else ""
    return first + "".join(f"[{one.client}{one.tool(side)}]" for one in used)
