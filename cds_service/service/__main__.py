"""``python -m cds_service.service`` starts the service by its settings alone, without command line, page or any tool."""

from __future__ import annotations

import sys

from cds_service.knowledge.errors import KnowledgeError
from cds_service.service.serve import serve
from cds_service.service.settings import read_settings


def main() -> None:
    """Serve until told to stop; what is wrong with settings or files is one line, and the exit code 2."""
    try:
        serve(read_settings())
    except (KnowledgeError, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
