"""What Intune takes of profiles, as Graph documents it where nothing else is said."""

SETTINGS = 1_000
"""`omaSettings` of a `windows10CustomConfiguration`."""
BLOB = 175_032
"""Characters of an onboarding or offboarding blob, in the settings catalog's own definition."""
DISPLAY_NAME, DESCRIPTION = 200, 1000
"""Nothing documents how long they may be: what reads well in the admin center."""
