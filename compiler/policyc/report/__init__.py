"""The estate at a glance: collections, settings, coverage of benchmarks, exceptions, conflicts, what can't be taken back."""

from policyc.report.benchmarks import Benchmark, read_benchmark
from policyc.report.gathering import gather
from policyc.report.model import Report

__all__ = ["Benchmark", "Report", "gather", "read_benchmark"]
