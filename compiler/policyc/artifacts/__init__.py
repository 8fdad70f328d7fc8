"""Writing artifacts: all of them or none."""

from policyc.artifacts.artifact import Artifact
from policyc.artifacts.comparison import Comparison, Difference, compare
from policyc.artifacts.writer import WriteResult, write

__all__ = ["Artifact", "Comparison", "Difference", "WriteResult", "compare", "write"]
