"""What Intune takes of scripts and packages; as documented where nothing else is said."""

SCRIPT_BYTES = 200_000
"""Of a script of a Remediation: the portal's own message refuses larger ones."""
SIGNATURE_BYTES = 20_000
"""Room for the block of an Authenticode signature."""
PACKAGES = 200
"""Script packages of a tenant."""
RULES, RULES_BYTES = 100, 100 * 1024
"""Of a custom compliance policy."""
DISPLAY_NAME, DESCRIPTION = 200, 1000
"""Nothing documents how long they may be: what reads well in the admin center."""
