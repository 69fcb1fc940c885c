"""`python3 scripts COMMAND ARGUMENTS…` is what the doors call."""

from stage.commands import main

main()
