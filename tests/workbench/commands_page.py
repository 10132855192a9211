"""``docs/commands.md``, made from the commands' own help; ``python -m tests.workbench.commands_page`` rewrites it."""

from __future__ import annotations

import click

from cds_service.workbench.cli import SECTIONS, commands
from cds_service.workbench.cli.conventions import EXIT_CODES
from tests.service.wire import ROOT

PAGE = ROOT / "docs" / "commands.md"
HEAD = f"""# Commands

Made from their own help. Every command chooses its knowledge by the same settings ([operations](operations.md#settings)) and
says on standard error which it is; `--json` prints JSON and nothing else.

{EXIT_CODES}
"""


def page() -> str:
    """One section of the page for each section of the help, with each command's own."""
    settings = {**commands.context_settings, "max_content_width": 100, "terminal_width": 100}
    context = click.Context(commands, info_name="cds-service", **settings)
    contents = " · ".join(f"[{section}](#{section.lower().replace(' ', '-')})" for section in SECTIONS)
    parts = [HEAD, f"{contents}\n"]
    for section, names in SECTIONS.items():
        parts.append(f"## {section}\n")
        for name in names:
            command = commands.get_command(context, name)
            assert command is not None
            inner = click.Context(command, info_name=name, parent=context, max_content_width=100, terminal_width=100)
            parts.append(f"### {name}\n\n```text\n{command.get_help(inner)}\n```\n")
            if isinstance(command, click.Group):
                for each in command.commands.values():
                    own = click.Context(
                        each, info_name=each.name, parent=inner, max_content_width=100, terminal_width=100
                    )
                    parts.append(f"```text\n{each.get_help(own)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
