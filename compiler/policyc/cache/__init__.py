"""What a run remembers for the next one. It may only ever save time: without it, or with a broken one, the same comes out.

It lies in the user's own cache folder and never in a repository. What comes with a pull request isn't believed, nor what lies
in a shared or restored folder: each entry is this user's own file and sealed with this user's key. What it says of the output
is held against the disk, and `--check` doesn't ask it at all. It is no defence against who runs as this user or as the system:
they can change policyc itself.
"""
