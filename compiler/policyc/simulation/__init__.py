"""States of imagined devices and tests of policies: read from files, and judged by `policyc.evaluation`."""
