"""What a run does: load, lower, check, make, write or compare. Nothing here prints, and nothing knows a command line."""
