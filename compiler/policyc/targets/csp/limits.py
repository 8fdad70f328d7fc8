"""What Intune takes of profiles, as Graph documents it where nothing else is said."""

SETTINGS = 1_000
"""`omaSettings` of a `windows10CustomConfiguration`: far more than there are known nodes, each of which is set once."""
DISPLAY_NAME, DESCRIPTION = 200, 1000
"""Nothing documents how long they may be: what reads well in the admin center."""
