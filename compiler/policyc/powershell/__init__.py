"""PowerShell: literals, templates, scripts."""
