"""Importing: from files of other formats to policies on the disk, all of them or none."""
