"""Who may decide: people of a local file, each with the hash of a password; a hospital's own log-in stands beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field
from werkzeug.security import check_password_hash, generate_password_hash

from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.reading import NonEmptyText, Written, read_part
from cds_service.knowledge.yaml_source import read_yaml

Act = Literal["propose", "sign"]
SHORTEST_PASSWORD = 12
_NOBODY = generate_password_hash("nobody has this one")  # so that an unknown name takes as long as a wrong password


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has logged in; ``name`` is the account's, ``called`` what the history says."""

    name: str
    called: str
    may: tuple[Act, ...] = ("propose", "sign")


def _both() -> list[Act]:
    return ["propose", "sign"]


class AccountEntry(Written):
    called: ClassVar[str] = "an account"
    display: NonEmptyText
    password: Annotated[str, Field(pattern=r"^scrypt:")]
    """As ``cds-service account`` writes it."""
    may: list[Act] = Field(default_factory=_both)


class AccountsFile(Written):
    called: ClassVar[str] = "the file of accounts"
    accounts: dict[str, AccountEntry]


@dataclass(frozen=True, slots=True)
class Accounts:
    """The people of the file, by the name that they log in with."""

    entries: dict[str, AccountEntry]

    def find(self, name: str, password: str) -> Person | None:
        """Give the person whose name and password these are."""
        entry = self.entries.get(name)
        right = check_password_hash(entry.password if entry else _NOBODY, password)
        return Person(name, entry.display, tuple(entry.may)) if entry and right else None

    def still(self, person: Person) -> Person | None:
        """Give a person of the file as it is now; None for a name that is no longer in it."""
        entry = self.entries.get(person.name)
        return Person(person.name, entry.display, tuple(entry.may)) if entry else None


def read_accounts(file: Path) -> Accounts:
    """Read the file of accounts; raises :class:`KnowledgeError` with line and column, or :class:`OSError`."""
    document = read_yaml(str(file), file.read_text(encoding="utf-8"))
    entry = read_part(AccountsFile, document) if document.data is not None else None
    if entry is None or document.errors:
        raise KnowledgeError(dict.fromkeys(document.errors))
    return Accounts(entry.accounts)


def account_line(name: str, display: str, password: str) -> str:
    """Write an entry of the file; raises :class:`ValueError` for a name that says nothing and a password that is too short."""
    if not (name.strip() and display.strip()):
        raise ValueError("an account has a name to log in with, and one that the history calls the person")
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(f"a password has {SHORTEST_PASSWORD} characters or more")
    quoted = partial(json.dumps, ensure_ascii=False)  # which YAML reads as well
    return f"  {quoted(name)}: {{display: {quoted(display)}, password: {quoted(generate_password_hash(password))}}}"
