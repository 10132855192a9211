"""What all commands share: sections in the help, one style of errors, one meaning of ``--json`` and of exit codes."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from cds_service.knowledge.errors import KnowledgeError

FOUND_WRONG, WRONG_USE, NOT_REACHED = 1, 2, 3
"""Exit codes beside 0: it looked and something is not as it should be; it could not look; another service is away."""
EXIT_CODES = (
    "Exit codes: 0 done; 1 looked, and something is not as it should be; "
    "2 wrong use, or a file that cannot be read; 3 another service was not reached."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")


class NotReached(click.ClickException):
    """Another service did not answer."""

    exit_code = NOT_REACHED


Sections = Mapping[str, Mapping[str, tuple[str, str]]]
"""Commands by section and name: the module of each, and what it says of itself."""


class Commands(click.Group):
    """Commands in sections, imported when they are needed: help answers at once, and none waits for the others' libraries.

    What goes wrong is said in one line each, ``cds-service: what, where``, without a traceback.
    """

    def __init__(self, *arguments: Any, package: str, sections: Sections, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._package, self._sections = package, sections
        self._all = {name: one for commands in sections.values() for name, one in commands.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._all)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._all:
            return None
        module = import_module(f"{self._package}.{self._all[cmd_name][0]}")
        found = (each for each in vars(module).values() if isinstance(each, click.Command) and each.name == cmd_name)
        return next(found)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands below the names of their sections."""
        longest = max(map(len, self._all))
        for section, commands in self._sections.items():
            with formatter.section(section):
                width = formatter.width - longest - 6
                formatter.write_dl(
                    [(f"{name:<{longest}}", _shortened(says, width)) for name, (_, says) in commands.items()]
                )
        formatter.write_paragraph()
        formatter.write_text(EXIT_CODES)

    def main(self, args: Sequence[str] | None = None, **more: Any) -> Any:  # type: ignore[override]
        """Run a command and end with its exit code."""
        try:
            status = super().main(args, **{**more, "standalone_mode": False})
        except (click.Abort, KeyboardInterrupt):
            status = _complain(["stopped"], 130)
        except click.UsageError as error:
            path = error.ctx.command_path.partition(" ")[2] if error.ctx else ""
            hint = f"; see cds-service {path} --help" if path else ""
            status = _complain([error.format_message().rstrip(".") + hint], WRONG_USE)
        except click.ClickException as error:
            status = _complain([error.format_message()], error.exit_code if error.exit_code != 1 else WRONG_USE)
        except KnowledgeError as error:
            status = _complain(str(error).splitlines(), WRONG_USE)
        except OSError as error:
            status = _complain([_reason(error)], WRONG_USE)
        except (ValueError, LookupError) as error:
            status = _complain(str(error).splitlines() or [type(error).__name__], WRONG_USE)
        sys.exit(status if isinstance(status, int) else 0)


def aside(text: str) -> None:
    """Say something beside the answer, on standard error; not where a program reads."""
    context = click.get_current_context(silent=True)
    if not (context and context.params.get("as_json")):
        click.secho(text, dim=True, err=True)


def write_file(file: Path, text: str) -> None:
    """Write a file that somebody asked for, and say so."""
    file.write_text(text, encoding="utf-8")
    aside(f"wrote {file}")


def counted(count: int, what: str) -> str:
    """``1 card``, ``2 cards``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def write_csv(file: Path, rows: Iterable[Iterable[object]]) -> None:
    """Write a table, its columns first."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(rows)
    aside(f"wrote {file}")


def _shortened(text: str, width: int) -> str:
    """The first words that stand on one line, as click would shorten them."""
    return click.Command(None, help=text).get_short_help_str(width)


def _reason(error: OSError) -> str:
    """An error of the operating system in words: which file, and what is wrong with it."""
    if error.filename is None:
        return str(error.strerror or error)
    said = {
        FileNotFoundError: "there is no such file or folder",
        PermissionError: "this may not be read or written",
        IsADirectoryError: "this is a folder; a file is needed",
        NotADirectoryError: "this is a file; a folder is needed",
        FileExistsError: "this exists already",
    }.get(type(error), (error.strerror or "it cannot be used").lower())
    return f"{error.filename}: {said}"


def _complain(lines: Iterable[str], status: int) -> int:
    for line in lines:
        click.secho(f"cds-service: {line}", fg="red", err=True)
    return status
