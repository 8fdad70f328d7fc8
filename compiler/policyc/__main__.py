"""`python -m policyc`."""

from policyc.cli.app import main

if __name__ == "__main__":
    main()
