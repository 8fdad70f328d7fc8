# The package only reports: nothing is changed.
exit 0
