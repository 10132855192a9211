"""Taking changed card files into use while the service runs: all workers or none, the old knowledge kept when the new is wrong.

``reload`` checks the files as they are now and puts their texts on a releases, under the hash of their content; one small file
names the version in force. Every worker looks at that file once a second and changes over between two calls. What is on
the releases was checked whole, so no worker can end up with half of it. ``rollback`` names the version before.
"""

from __future__ import annotations

import hmac
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from flask import Blueprint, Response, request

from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.load import load
from cds_service.service import clock
from cds_service.service.answer import Answer, log, refuse
from cds_service.service.knowledge_files import cards_folder, read_card_files

LOOK_EVERY_SECONDS = 1.0
_CURRENT, _STARTED, _HISTORY = "current", "started", "history.jsonl"


@dataclass(frozen=True, slots=True)
class Activation:
    """One version that was taken into use."""

    version: str
    """The name of the release: the knowledge's version, with a candidate's behind a plus sign."""
    was: str
    how: str
    """``reload`` or ``rollback``."""
    at: str


@dataclass(frozen=True, slots=True)
class Release:
    """What is taken into use together: the knowledge, and the candidate overlay that runs silent beside it."""

    knowledge: Knowledge
    candidate: Knowledge | None = None

    @property
    def name(self) -> str:
        """``4b0b25c1002d``, or ``4b0b25c1002d+d248208c919c`` with a candidate."""
        return self.knowledge.version + (f"+{self.candidate.version}" if self.candidate else "")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an installation's card files lie, and which overlays it reads."""

    cards: Path | None
    site: str = ""
    candidate_site: str = ""

    def release(self) -> tuple[Release, dict[str, Any]]:
        """Read and check the files as they are now, with their texts for the releases; raises :class:`KnowledgeError`."""
        files = read_card_files(cards_folder(self.cards), examples=False)
        overlay, candidate = _overlay(files, self.site), _overlay(files, self.candidate_site)
        kept = {"files": files, "overlay": overlay, "candidate": candidate}
        return _edition(kept), kept


class ReleaseHistory:
    """Editions of the knowledge in a folder that all workers see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stamp(self) -> int:
        """Changes whenever another version comes into force; 0 when none was ever put here."""
        try:
            return (self.folder / _CURRENT).stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def current(self) -> str:
        """The version in force; empty when none was ever put here."""
        try:
            return (self.folder / _CURRENT).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""

    def read(self, version: str) -> Release:
        """Load an release by its name; raises :class:`KnowledgeError` or :class:`LookupError`."""
        file = self.folder / f"{Path(version).name}.json"
        if not file.is_file():
            raise LookupError(f"there is no knowledge version {version!r} on the releases")
        return _edition(json.loads(file.read_text(encoding="utf-8")))

    def take(self, origin: Origin, running: str, now: datetime) -> tuple[Release, Activation]:
        """Check the card files as they are now and bring them into force; raises :class:`KnowledgeError`, then all stays."""
        release, texts = origin.release()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write(f"{release.name}.json", json.dumps(texts))
        return release, self._bring(release.name, running, "reload", now)

    def go_back(self, running: str, now: datetime) -> Activation:
        """Bring back what stood before the one in force was taken; raises :class:`LookupError` when there is none.

        Going back twice goes two versions back; what was taken back from comes again with a reload.
        """
        current = self.current() or running
        taken = next(
            (
                one
                for one in reversed(list(self.history()))
                if one.how == "reload"
                and one.version == current != one.was  # a reload of unchanged files changes nothing
            ),
            None,
        )
        if taken is None or not taken.was or not (self.folder / f"{taken.was}.json").is_file():
            raise LookupError("there is no earlier knowledge version to go back to")
        return self._bring(taken.was, current, "rollback", now)

    def keep(self, release: Release, origin: Origin) -> None:
        """Put what a service starts with on the releases, so that a rollback can find it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = f"{release.name}.json"
        if not (self.folder / file).is_file():
            self._write(file, json.dumps(origin.release()[1]))
        self._write(_STARTED, release.name)

    def running(self) -> str:
        """The version that workers answer with: the one named last, or the one that they started with."""
        started = self.folder / _STARTED
        if started.is_file() and started.stat().st_mtime_ns > self.stamp():
            return started.read_text(encoding="utf-8").strip()
        return self.current()

    def history(self) -> Iterator[Activation]:
        """What was taken into use, oldest first."""
        file = self.folder / _HISTORY
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        return (Activation(**json.loads(line)) for line in lines)

    def _bring(self, version: str, was: str, how: str, now: datetime) -> Activation:
        taken = Activation(version, was, how, now.isoformat(timespec="seconds"))
        with (self.folder / _HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(taken)) + "\n")
        self._write(_CURRENT, version)
        return taken

    def _write(self, name: str, text: str) -> None:
        new = self.folder / f".{name}.{os.getpid()}"
        new.write_text(text, encoding="utf-8")
        new.replace(self.folder / name)  # readers see the old file or the new one, never half of it


class Watch:
    """One worker's look at the releases: a thread that hands every newly named version to ``change_over``."""

    def __init__(
        self, releases: ReleaseHistory, since: float, change_over: Callable[[Release], None], running: str
    ) -> None:
        self._shelf, self._change_over = releases, change_over
        self._since_ns = int(since * 1_000_000_000)
        self.running = running
        self.trouble = ""
        """Why the version in force could not be taken into use here: a type's name."""
        self._seen = 0
        self._looking = Lock()
        self._end = Event()
        self._thread = Thread(target=self._run, name="knowledge", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._end.set()

    def look(self) -> None:
        """Change over when another version was named since the service started; waits when that is under way."""
        with self._looking:
            self._look()

    def _look(self) -> None:
        stamp = self._shelf.stamp()
        if stamp in {0, self._seen} or stamp < self._since_ns:
            return
        self._seen = stamp
        version = self._shelf.current()
        if version == self.running:
            return
        try:
            self._change_over(self._shelf.read(version))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the old knowledge stays
            self.trouble = type(error).__name__
            log.error("knowledge %s could not be taken into use: %s", version, self.trouble)
            return
        self.running, self.trouble = version, ""

    def _run(self) -> None:
        while not self._end.wait(LOOK_EVERY_SECONDS):
            self.look()


def operators(token: str, releases: ReleaseHistory, origin: Origin, running: Callable[[], str]) -> Blueprint:
    """Give ``POST /admin/reload`` and ``POST /admin/rollback``, for whoever knows the operators' token."""
    pages = Blueprint("operators", __name__)

    def guarded(act: Callable[[], Activation]) -> Response:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not hmac.compare_digest(given.encode(), token.encode()):
            return _sent(refuse(401, "login", "This is for operators: send their token as Authorization: Bearer"))
        try:
            return _sent(Answer(200, json.dumps(asdict(act())).encode()))
        except KnowledgeError as error:
            return _sent(refuse(422, "invalid", f"Nothing was changed. {error}"))
        except LookupError as error:
            return _sent(refuse(409, "conflict", f"Nothing was changed. {error}"))

    @pages.post("/admin/reload")
    def reload_now() -> Response:
        return guarded(lambda: releases.take(origin, running(), clock.now())[1])

    @pages.post("/admin/rollback")
    def roll_back() -> Response:
        return guarded(lambda: releases.go_back(running(), clock.now()))

    return pages


def started() -> float:
    """When this service read its files; what was named on the releases before is older than they are."""
    return time.time()


def take_on_signal(releases: ReleaseHistory, origin: Origin) -> None:
    """Take the files as they are now into use, or log what is wrong with them and leave all as it is; never raises."""
    try:
        _, taken = releases.take(origin, releases.running(), clock.now())
    except (KnowledgeError, OSError) as error:
        log.error("SIGHUP: the knowledge stays as it was. %s", error)
    else:
        log.info("SIGHUP: knowledge %s is in force instead of %s", taken.version, taken.was)


def _edition(kept: Mapping[str, Any]) -> Release:
    candidate = kept.get("candidate")
    return Release(
        load(kept["files"], overlay=kept["overlay"]), load(kept["files"], overlay=candidate) if candidate else None
    )


def _overlay(files: dict[str, str], site: str) -> str | None:
    """The name of a site's overlay among the files; one that lies elsewhere is read and joins them."""
    if not site:
        return None
    overlay, given = f"sites/{Path(site).stem}.yaml", Path(site)
    if given.suffix in {".yaml", ".yml"} and given.is_file():
        files[overlay] = given.read_text(encoding="utf-8-sig")
    return overlay


def _sent(answer: Answer) -> Response:
    return Response(answer.body, answer.status, answer.all_headers)
