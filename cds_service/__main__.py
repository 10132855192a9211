"""``python -m cds_service`` is the command line."""

from cds_service.workbench.cli import main

main()
