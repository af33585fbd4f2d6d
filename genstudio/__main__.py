"""`python -m genstudio` is the command line."""

from genstudio.cli import main

main()
