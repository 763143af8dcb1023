"""`python -m passerby.cli`."""

from passerby.cli import main

main()
