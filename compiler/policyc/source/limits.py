"""How much of anything one policy file may hold: time and memory stay bounded, whatever the file says."""

from __future__ import annotations

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes. Twenty settings take about 7 KB."""
MOST_NODES = 200_000
"""Entries of mappings and items of lists. A setting has about twenty."""
DEEPEST = 50
"""Levels of mappings and lists; the language needs seven."""
MOST_ALIASED = 250_000
"""What aliases may add to a file: characters of text, and one for each node."""
MOST_FINDINGS = 100
"""Findings of one kind that are kept of one file."""
MOST_SETTINGS = 50
"""Wrong settings of one file that are explained; jsonschema takes milliseconds for each."""
LONGEST_NUMBER = 100
"""Characters that are looked at: a longer number is out of every range, and reading it takes quadratic time."""
LONGEST_QUOTE = 60
"""Characters of policy text that a message quotes."""
LONGEST_EXCERPT = 300
"""Characters that are marked, and that are given behind them."""
DEEPEST_FOLDER = 50
"""Folders below folders."""
