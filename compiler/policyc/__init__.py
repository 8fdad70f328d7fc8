"""policyc: a compiler for endpoint policy."""

__version__ = "0.1.0"
