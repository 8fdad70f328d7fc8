"""The text of a PowerShell module ConfigurationManager that takes what Microsoft's cmdlets take, and nothing else.

Each cmdlet of `cmdlets.json` becomes a function with its parameter sets, types, aliases, accepted values and lengths.
What a function does stands in `site.ps1` and `handlers/`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DOTNET = {
    "SwitchParameter": "switch",
    "String": "string",
    "Boolean": "bool",
    "Int32": "int",
    "UInt32": "uint32",
    "DateTime": "datetime",
    "Guid": "guid",
    "Hashtable": "hashtable",
}
"""Types that Windows PowerShell has too. An enumeration is text with its accepted values."""
FROM_THE_SITE = "IResultObject"
FORMER = {"DriveMode": ["RenameWithUnc"]}
"""Values of consoles before the documented one; `site.ps1` refuses them where the site is as new as the documentation."""
MANIFEST = """\
@{
    RootModule = 'ConfigurationManager.psm1'
    ModuleVersion = '5.2107.1059.1000'
    GUID = '4c1bd0e6-6d1f-4c8e-9c5e-0d7a4f1f4a52'
    FunctionsToExport = '*'
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}
"""


def write_module(console: Path) -> Path:
    """Write the module into `bin` of a console's folder; the folder that SMS_ADMIN_UI_PATH names there."""
    path = console / "bin" / "i386"
    path.mkdir(parents=True)
    (path.parent / "ConfigurationManager.psd1").write_text(MANIFEST, encoding="ascii")
    (path.parent / "ConfigurationManager.psm1").write_text(module_text(), encoding="ascii")
    return path


@cache
def module_text() -> str:
    """The module as one file: the functions, then what they do."""
    cmdlets: dict[str, Any] = json.loads((HERE / "cmdlets.json").read_text(encoding="utf-8"))
    parts = [HERE / "site.ps1", *sorted((HERE / "handlers").glob("*.ps1"))]
    functions = [function_of(name, cmdlet) for name, cmdlet in cmdlets.items()]
    exported = ", ".join(["'*-CM*'", "'New-PSDrive'", "'Get-PSDrive'"])
    handlers = [part.read_text(encoding="utf-8") for part in parts]
    return "\n".join([*functions, *handlers, "Connect-Site", f"Export-ModuleMember -Function {exported}", ""])


def function_of(name: str, cmdlet: Mapping[str, Any]) -> str:
    """One cmdlet as a function that hands its parameters on."""
    options = []
    if cmdlet.get("default"):
        options.append(f"DefaultParameterSetName = '{cmdlet['default']}'")
    if cmdlet["whatif"]:
        options.append("SupportsShouldProcess = $true")
    # The documented position, or none at all: without this, PowerShell would number the parameters itself.
    options.append("PositionalBinding = $false")
    parameters = ",\n".join(parameter_of(key, facts) for key, facts in cmdlet["parameters"].items())
    return (
        f"function {name} {{\n    [CmdletBinding({', '.join(options)})]\n    param (\n{parameters}\n    )\n"
        "    Invoke-SiteCmdlet $PSCmdlet $PSBoundParameters\n}\n"
    )


def parameter_of(name: str, facts: Mapping[str, Any]) -> str:
    """One parameter with its attributes."""
    attributes = list(places_of(facts["in"]))
    if facts.get("aliases"):
        attributes.append(f"[Alias({quoted(facts['aliases'])})]")
    if facts.get("values"):
        attributes.append(f"[ValidateSet({quoted([*facts['values'], *FORMER.get(name, [])])})]")
    if facts.get("length"):
        attributes.append("[ValidateLength({}, {})]".format(*facts["length"]))
        if facts["length"][0] == 0:
            attributes.append("[AllowEmptyString()]")
    attributes.append(type_of(facts["type"], enumeration="values" in facts))
    return f"        {' '.join(attributes)}${name}"


def places_of(places: Iterable[tuple[list[str] | None, bool, int | None]]) -> Iterable[str]:
    """The Parameter attributes, one for each set that the parameter is in."""
    for sets, required, position in places:
        options = ["Mandatory = $true"] if required else []
        if position is not None:
            options.append(f"Position = {position}")
        for name in sets or [None]:
            named = [f"ParameterSetName = '{name}'"] if name else []
            yield f"[Parameter({', '.join([*named, *options])})]"


def type_of(documented: str, *, enumeration: bool) -> str:
    """The type of a parameter; an object of the site must be one that the stand-in gave."""
    bare = documented.removesuffix("[]")
    many = "[]" if documented.endswith("[]") else ""
    if bare == FROM_THE_SITE:
        return f"[PSTypeName('{FROM_THE_SITE}')][psobject{many}]"
    return f"[{'string' if enumeration else DOTNET.get(bare, 'psobject')}{many}]"


def quoted(texts: Iterable[str]) -> str:
    """Literals with commas between them."""
    return ", ".join(f"'{text}'" for text in texts)
