"""`python -m biopipe` is the `biopipe` command."""

from biopipe.cli import main

# Worker processes import this module again and must not start a run of their own.
if __name__ == "__main__":
    main()
