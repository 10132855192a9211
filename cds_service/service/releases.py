"""The folder of knowledge versions that all workers see: what was taken into use, what is in force, and its history.

``in-force.json`` is the one truth of what should be in force; it has a number that grows by one with every activation, so
that nothing depends on clocks or on times of files. A version's texts lie beside it under its name. Every file is written
whole under a name of its own and then renamed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cds_service.knowledge.cards import Knowledge
from cds_service.service.answer import log
from cds_service.service.canary_record import is_tried
from cds_service.service.knowledge_files import cards_folder, read_card_files
from cds_service.service.knowledge_folder import add_line, alone, write_whole
from cds_service.service.knowledge_snapshots import load_or_take_up

_IN_FORCE, _HISTORY = "in-force.json", "history.jsonl"


@dataclass(frozen=True, slots=True)
class Activation:
    """One version that was taken into use."""

    version: str
    """The name of the release: the knowledge's version, with a candidate's behind a plus sign."""
    was: str
    """What it took the place of; empty for the first."""
    how: str
    """``start``, ``reload`` or ``rollback``."""
    at: str
    number: int = 0


NONE_YET = Activation("", "", "", "")


@dataclass(frozen=True, slots=True)
class Release:
    """What is taken into use together: the knowledge, and the candidate overlay that runs silent beside it."""

    knowledge: Knowledge
    candidate: Knowledge | None = None

    @property
    def name(self) -> str:
        """``4b0b25c1002d``, or ``4b0b25c1002d+d248208c919c`` with a candidate."""
        return self.knowledge.version + (f"+{self.candidate.version}" if self.candidate else "")


Texts = Mapping[str, Any]
"""A release as it is kept: texts of all card files, and the names of the overlays among them."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an installation's card files lie, and which overlays it reads."""

    cards: Path | None
    site: str = ""
    candidate_site: str = ""

    def texts(self) -> Texts:
        """The files as they are now, not checked; raises :class:`KnowledgeError` for one that is no text."""
        files = read_card_files(cards_folder(self.cards), examples=False)
        overlay, candidate = _overlay(files, self.site), _overlay(files, self.candidate_site)
        return {"files": files, "overlay": overlay, "candidate": candidate}

    def release(self) -> tuple[Release, Texts]:
        """Read and check the files as they are now; raises :class:`KnowledgeError`."""
        texts = self.texts()
        return _release(texts), texts


class ReleaseHistory:
    """Releases of the knowledge in a folder that all workers see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def in_force(self) -> Activation:
        """The last activation; :data:`NONE_YET` before the first. Raises :class:`LookupError` for a damaged file."""
        file = self.folder / _IN_FORCE
        try:
            return Activation(**json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return NONE_YET
        except (ValueError, TypeError):
            raise LookupError(f"{file} is damaged: take a version into use again with `cds-service reload`") from None

    def last_number(self) -> int:
        """The number of the last activation, whether or not it can be read."""
        return self._in_force_or_none().number

    def read(self, version: str) -> Release:
        """Load a release by its name; raises :class:`KnowledgeError`, or :class:`LookupError` when it is not here whole."""
        file = self._file(version)
        try:
            texts = json.loads(file.read_text(encoding="utf-8"))
            whole = isinstance(texts["files"], dict) and {"overlay", "candidate"} <= texts.keys()
        except FileNotFoundError:
            raise LookupError(f"there is no knowledge version {version!r} in {self.folder}") from None
        except (ValueError, TypeError, KeyError):
            whole = False
        if not whole:
            raise LookupError(f"{file} is damaged: remove it, and take the version into use again")
        return _release(texts)

    def begin(self, release: Release, texts: Texts, now: datetime) -> Activation:
        """Say what a service that starts with these files should run, and put it in force when it is new.

        What an operator last said stands: a service that starts with the files which a reload or rollback took out of
        force runs what took their place, and one that starts with the files of a canary runs what the canary is tried
        beside. Otherwise the files count.
        """
        with alone(self.folder):
            last = self._in_force_or_none()
            overruled = last.how in {"reload", "rollback"} and last.was == release.name
            overruled = overruled or is_tried(self.folder, release.name, beside=last.version)
            if last.version == release.name or (overruled and self._file(last.version).is_file()):
                self.keep(release, texts)
                return last
            return self._bring(release, texts, last, "start", now)

    def take(self, origin: Origin, now: datetime) -> tuple[Release, Activation]:
        """Check the card files as they are now and bring them into force; raises :class:`KnowledgeError`, then all stays."""
        release, texts = origin.release()
        with alone(self.folder):
            return release, self._bring(release, texts, self._in_force_or_none(), "reload", now)

    def go_back(self, now: datetime) -> Activation:
        """Bring back what stood before the version in force was taken; raises :class:`LookupError` when there is none.

        Going back twice goes two versions back; what was taken back from comes again with a reload.
        """
        with alone(self.folder):
            current = self._in_force_or_none()
            taken = [one for one in self.history() if one.how != "rollback" and one.version != one.was]
            before = next((one.was for one in reversed(taken) if one.version == current.version), "")
            if not before or not self._file(before).is_file():
                raise LookupError("there is no earlier knowledge version to go back to")
            self.read(before)
            return self._enter(before, current, "rollback", now)

    def history(self) -> Iterator[Activation]:
        """What was taken into use, oldest first; a damaged line is passed over and logged."""
        file = self.folder / _HISTORY
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
        for number, line in enumerate(lines, 1):
            try:
                yield Activation(**json.loads(line))
            except (ValueError, TypeError):
                log.error("%s, line %d is damaged and was passed over", file, number)

    def _in_force_or_none(self) -> Activation:
        """A damaged file does not keep a new version from coming into force: history knows the last number."""
        try:
            return self.in_force()
        except LookupError as error:
            log.error("%s", error)
            return max(self.history(), key=lambda one: one.number, default=NONE_YET)

    def _bring(self, release: Release, texts: Texts, last: Activation, how: str, now: datetime) -> Activation:
        self.keep(release, texts)
        return self._enter(release.name, last, how, now)

    def _enter(self, version: str, last: Activation, how: str, now: datetime) -> Activation:
        entered = Activation(version, last.version, how, now.isoformat(timespec="seconds"), last.number + 1)
        add_line(self.folder / _HISTORY, json.dumps(asdict(entered)))
        write_whole(self.folder / _IN_FORCE, json.dumps(asdict(entered)))
        return entered

    def keep(self, release: Release, texts: Texts) -> None:
        """Keep the texts of a release under its name, if they are not there."""
        if not self._file(release.name).is_file():
            write_whole(self._file(release.name), json.dumps(texts))

    def _file(self, version: str) -> Path:
        return self.folder / f"{Path(version).name}.json"


def _release(texts: Texts) -> Release:
    candidate = texts.get("candidate")
    return Release(
        load_or_take_up(texts["files"], overlay=texts["overlay"]),
        load_or_take_up(texts["files"], overlay=candidate) if candidate else None,
    )


def _overlay(files: dict[str, str], site: str) -> str | None:
    """The name of a site's overlay among the files; one that lies elsewhere is read and joins them."""
    if not site:
        return None
    overlay, given = f"sites/{Path(site).stem}.yaml", Path(site)
    if given.suffix in {".yaml", ".yml"} and given.is_file():
        files[overlay] = given.read_text(encoding="utf-8-sig")
    return overlay
