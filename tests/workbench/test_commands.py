"""The command line begins at once: what a command needs is imported when it is run."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from cds_service.workbench.cli import commands, known_commands
from tests.workbench.commands_page import PAGE, page


@pytest.mark.parametrize("name", known_commands())
def test_the_list_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    assert command.get_short_help_str(200) == known_commands()[name]


def test_help_names_every_command_and_a_wrong_one_is_refused() -> None:
    shown = CliRunner().invoke(commands, ["--help"]).output
    assert [name for name in known_commands() if f"  {name} " not in shown] == []
    refused = CliRunner().invoke(commands, ["evalute"])
    assert refused.exit_code == 2
    assert "No such command 'evalute'" in refused.output


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import cds_service.workbench.cli", {"pydantic", "flask", "msgspec", "sqlalchemy", "requests"}),
        ("import cds_service.workbench.cli.evaluation", {"flask", "sqlalchemy", "psycopg", "granian", "fhir"}),
    ],
)
def test_what_a_command_does_not_need_is_not_imported(statement: str, heavy: set[str]) -> None:
    code = f"import sys; {statement}; print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert heavy.isdisjoint(imported)


def test_the_page_of_commands_is_made_from_their_help() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.workbench.commands_page"


@pytest.mark.parametrize(
    "arguments",
    [["check", "--card"], ["coverage", "--card"], ["promote", "--reason", "agreed"]],
    ids=lambda one: one[0],
)
def test_a_topic_that_is_no_card_is_refused_with_the_nearest_name(arguments: list[str]) -> None:
    refused = CliRunner().invoke(commands, [*arguments, "oxigen"])
    assert refused.exit_code == 2
    assert "'oxigen' is not a card; the nearest is oxygen" in refused.output
    assert "as expected" not in refused.output
