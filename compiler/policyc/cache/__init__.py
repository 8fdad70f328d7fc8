"""What a run remembers for the next one. It may only ever save time: without it, or with a broken one, the same comes out.

It lies in the user's own cache folder and never in a repository: what comes with a pull request isn't believed. What it says of
the output is held against the disk, and `--check` doesn't ask it at all.
"""
