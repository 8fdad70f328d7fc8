"""Writing artifacts: all of them or none."""

from policyc.artifacts.artifact import Artifact

__all__ = ["Artifact"]
