"""Proposing, signing, promoting, and the way back: who may do what, and in which order."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cds_service.knowledge.cards import Knowledge
from cds_service.service.knowledge_files import cards_folder, load_with_overlay, read_card_files
from cds_service.service.releases import Origin, ReleaseHistory
from cds_service.workbench.committee.accounts import Person
from cds_service.workbench.committee.history import Act, History, Proposal, Step


class NotAllowed(Exception):
    """What was asked for cannot be done, or not by this person; the text says why."""


@dataclass(frozen=True, slots=True)
class ApprovalWorkflow:
    """The site's overlay, the committee's history of it, and the releases that the workers run."""

    origin: Origin
    history: History
    releases: ReleaseHistory
    look: Callable[[], None]
    """Makes this worker change over now."""

    @property
    def file(self) -> Path:
        """The site's overlay."""
        site = Path(self.origin.site)
        if site.suffix in {".yaml", ".yml"}:
            return site
        return cards_folder(self.origin.cards) / "sites" / f"{site.name}.yaml"

    def text(self) -> str:
        """The overlay as it is."""
        return self.file.read_text(encoding="utf-8") if self.file.is_file() else _begun(self.file.stem)

    def knowledge(self, text: str) -> Knowledge:
        """Load the knowledge with an overlay; raises :class:`KnowledgeError` with lines and columns of the text."""
        files = read_card_files(cards_folder(self.origin.cards), examples=False)
        return load_with_overlay(files, text, self.file.name)

    def propose(self, who: Person, text: str, reason: str, now: datetime) -> Act:
        """Hand in an overlay with its reason; raises :class:`NotAllowed` or :class:`KnowledgeError`."""
        _must(who, "propose")
        _must_say_why(reason)
        made = self.knowledge(text)
        with self.history.alone():
            before = self.text()
            if made.version == self.knowledge(before).version:
                raise NotAllowed("This changes nothing: the knowledge would be the same.")
            act = _act(who, "proposed", 0, reason, text=text, before=_hash(before), knowledge=made.version)
            return self.history.add(act, now)

    def sign(self, who: Person, number: int, reason: str, now: datetime) -> Act:
        """Sign a proposal; who made it may not."""
        _must(who, "sign")
        with self.history.alone():
            proposal = self._find(number, "open")
            if proposal.made.who == who.name:
                raise NotAllowed("A second person signs: you made this proposal.")
            return self.history.add(_act(who, "signed", number, reason), now)

    def refuse(self, who: Person, number: int, reason: str, now: datetime) -> Act:
        """Refuse a proposal; who made it withdraws it instead."""
        with self.history.alone():
            proposal = self._find(number, "open", "signed")
            own = proposal.made.who == who.name
            _must(who, "propose" if own else "sign")
            if not own:
                _must_say_why(reason)
            return self.history.add(_act(who, "withdrawn" if own else "refused", number, reason), now)

    def promote(self, who: Person, number: int, reason: str, now: datetime) -> Act:
        """Write a signed proposal into the overlay and have every worker take it into use; all or nothing."""
        _must(who, "sign")
        with self.history.alone():
            proposal, before = self._find(number, "signed"), self.text()
            if _hash(before) != proposal.made.before:
                raise NotAllowed(
                    "The overlay has changed since this was proposed: propose it again on what is in force now."
                )
            version = self._take(proposal.made.text, before, now)
            act = _act(who, "promoted", number, reason, text=before, before=_hash(before), knowledge=version)
            return self.history.add(act, now)

    def roll_back(self, who: Person, number: int, reason: str, now: datetime) -> Act:
        """Bring the overlay back that stood before a proposal was promoted."""
        _must(who, "sign")
        _must_say_why(reason)
        with self.history.alone():
            proposal, present = self._find(number, "in force"), self.text()
            if present != proposal.made.text:
                raise NotAllowed("The overlay has changed since: roll back what came later first.")
            version = self._take(proposal.acts[-1].text, present, now)
            return self.history.add(
                _act(who, "rolled back", number, reason, before=_hash(present), knowledge=version), now
            )

    def _take(self, text: str, before: str, now: datetime) -> str:
        _write(self.file, text)
        try:
            _, taken = self.releases.take(self.origin, now)
        except Exception:
            _write(self.file, before)
            raise
        self.look()
        return taken.version

    def _find(self, number: int, *states: str) -> Proposal:
        proposal = self.history.proposal(number)
        if proposal is None:
            raise NotAllowed(f"There is no proposal {number}.")
        if proposal.state not in states:
            raise NotAllowed(f"Proposal {number} is {proposal.state}.")
        return proposal


def _act(
    who: Person, did: Step, proposal: int, reason: str, *, text: str = "", before: str = "", knowledge: str = ""
) -> Act:
    return Act(0, "", who.name, who.called, did, proposal, " ".join(reason.split()), text, before, knowledge)


def _must(who: Person, act: str) -> None:
    if act not in who.may:
        raise NotAllowed(f"{who.called} may not {act}.")


def _must_say_why(reason: str) -> None:
    if not reason.strip():
        raise NotAllowed("Say why: the reason stands in the history.")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write(file: Path, text: str) -> None:
    """Whole or not at all."""
    new = file.with_name(f".{file.name}.new")
    with new.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    new.replace(file)


def _begun(site: str) -> str:
    return f"site: {site}\ntitle: {site}\n"
