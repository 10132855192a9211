"""A page of the documentation followed: its files are written, its commands run in turn, and say what the page says."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from cds_service.workbench.cli import commands

_BLOCK = re.compile(r"<!-- (file: (?P<file>\S+)|run|says) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)


def followed(text: str, folder: Path, ran: Callable[[str, Path], str]) -> None:
    """Do in a folder, which ``ran`` works in, what a page says."""
    said = ""
    for block in _BLOCK.finditer(text):
        if block["file"]:
            (folder / block["file"]).write_text(block["text"], encoding="utf-8")
        elif block[0].startswith("<!-- run"):
            said = "".join(ran(line, folder) for line in block["text"].strip().splitlines())
        else:
            for line in block["text"].strip().splitlines():
                assert line in said, f"{line!r} was not said:\n{said[-3000:]}"


def here(line: str, folder: Path) -> str:
    """Run a command; ``cds-service`` in this process, which is in the folder already."""
    if not line.startswith("cds-service "):
        return subprocess.run(["bash", "-c", line], cwd=folder, check=True, capture_output=True, text=True).stdout
    arguments = shlex.split(line.removesuffix(" || true"))[1:]
    done = CliRunner().invoke(commands, arguments)
    assert done.exit_code == 0 or line.endswith(" || true"), f"{line}\n{done.output}"
    return done.output
