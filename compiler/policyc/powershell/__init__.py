"""PowerShell: literals, templates, assembly of scripts. The only room that knows PowerShell's syntax."""

from policyc.powershell.literals import literal
from policyc.powershell.rendering import render

__all__ = ["literal", "render"]
