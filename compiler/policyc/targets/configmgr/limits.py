"""What ConfigMgr takes: lengths of names, exit codes with a meaning of their own (package and program limits as documented)."""

from __future__ import annotations

PACKAGE_NAME = 50
PACKAGE_DESCRIPTION = 128
MANUFACTURER = 32
VERSION = 32
PROGRAM_NAME = 50
COMMENT = 127
COMMAND_LINE = 127
SOURCE_PATH = 256
CONFIGURATION_ITEM_NAME = 255
BASELINE_NAME = 255
DESCRIPTION = 512
"""Of a configuration item or baseline."""
SETTING_NAME = 256
SETTING_DESCRIPTION = 256
"""Of a setting of a configuration item, and of its rule."""
SCRIPT_BUDGET = 43_900
"""Bytes of a compliance script. ConfigMgr documents no limit for them; Microsoft itself has published one of 43,968."""
SCRIPT_OVERRUN = 4_000
"""Bytes of rows in a script whose functions alone are longer than that: PC0509 tells of it."""
BUILT_IN_POLICY_NAME = 200
BUILT_IN_POLICY_DESCRIPTION = 1500
APPLICATION_NAME = 256
APPLICATION_DESCRIPTION = 2048

SUCCESS_CODES = frozenset({0})
RESTART_CODES = frozenset({1604, 1641, 3010, 3011})
"""Success, and a restart."""
RETRY_CODES = frozenset(
    {
        4, 5, 8, 13, 14, 39, 51, 53, 54, 55, 59, 64, 65, 67, 70, 71, 85, 86, 87, 112, 128, 170, 267, 999, 1003, 1203, 1219,
        1220, 1222, 1231, 1232, 1238, 1265, 1311, 1323, 1326, 1330, 1618, 1622, 2250,
    }
)  # fmt: skip
"""Failures after which the client runs the program again, for about a week."""
TRY_AGAIN_CODE = 1618
"""The one of them that a launcher uses on purpose."""
