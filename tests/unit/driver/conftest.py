"""What a run does is mostly seen through the command, so its tests have the command's."""

from unit.cli.conftest import policyc, project

__all__ = ["policyc", "project"]
