"""``python -m cds_service`` is the command line."""

from cds_service.shell.cli import main

main()
