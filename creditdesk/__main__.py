"""`python -m creditdesk` is the `creditdesk` command."""

from creditdesk.cli import main

main()
