"""What each worker says it runs: a version is in force when each of them has said so.

Every worker writes one small file, anew at each look, and takes it away when it ends. Whether a worker lives is told from
its count going up, never from clocks or times of files, which differ between nodes.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SILENT_AFTER = 12.0
"""Seconds in which a worker that lives must have written its word anew: it looks once a second, and takes some to change over."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """What one worker says: the number and version of the activation that it runs, and why it does not run the newest."""

    number: int
    version: str
    trouble: str = ""
    count: int = 0
    canary: Mapping[str, Any] = field(default_factory=dict)
    """What it says of a canary (:meth:`canary.CanaryRun.word`)."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """How far an activation has come: workers that run it, that refused it, and that did not say."""

    running: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.refused and not self.silent


class WorkerStatuses:
    """The words of all workers that see a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "workers"
        self._own = f"{socket.gethostname()}-{os.getpid()}"
        self._count = 0

    def report(self, status: WorkerStatus) -> None:
        """Write this worker's word; a disk that does not take it stops nothing."""
        self._count += 1
        text = json.dumps(asdict(status) | {"count": self._count})
        new = self._folder / f".{self._own}.{secrets.token_hex(4)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            new.write_text(text, encoding="utf-8")
            new.replace(self._folder / f"{self._own}.json")
        except OSError:
            new.unlink(missing_ok=True)

    def withdraw(self) -> None:
        """Take this worker's word away."""
        (self._folder / f"{self._own}.json").unlink(missing_ok=True)

    def read(self) -> Mapping[str, WorkerStatus]:
        """Every worker's word, by its name; those of processes of this machine that have ended are taken away."""
        words: dict[str, WorkerStatus] = {}
        for file in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else ():
            if self._has_ended(file.stem):
                file.unlink(missing_ok=True)
                continue
            try:
                words[file.stem] = WorkerStatus(**json.loads(file.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                continue  # it went, or is being written; what is not heard counts as silent
        return words

    def wait_for(self, number: int, seconds: float = 30.0, pause: Callable[[float], None] = time.sleep) -> Rollout:
        """Wait until every worker runs this activation, has refused it, or is silent; at most so many seconds."""
        return self._wait(lambda word: word.number >= number, lambda word: word.trouble, seconds, pause)

    def wait_for_canary(
        self, number: int, seconds: float = 30.0, pause: Callable[[float], None] = time.sleep
    ) -> Rollout:
        """The same for a change of the record of canaries."""
        follows: Callable[[WorkerStatus], bool] = lambda word: word.canary.get("number", 0) >= number  # noqa: E731
        return self._wait(follows, lambda word: str(word.canary.get("trouble", "")), seconds, pause)

    def _wait(
        self,
        follows: Callable[[WorkerStatus], bool],
        trouble: Callable[[WorkerStatus], str],
        seconds: float,
        pause: Callable[[float], None],
    ) -> Rollout:
        first, began = self.read(), time.monotonic()
        while True:
            words = self.read()
            waiting = {name for name, word in words.items() if not follows(word) and not trouble(word)}
            waited = time.monotonic() - began
            still = {
                name
                for name in waiting
                if waited < SILENT_AFTER or words[name].count != first.get(name, WorkerStatus(0, "")).count
            }
            if not still or waited >= seconds:
                refused = tuple(f"{name} ({trouble(word)})" for name, word in words.items() if trouble(word))
                running = tuple(name for name, word in words.items() if follows(word) and not trouble(word))
                return Rollout(running, refused, tuple(sorted(waiting)))
            pause(0.1)

    def _has_ended(self, name: str) -> bool:
        host, _, process = name.rpartition("-")
        if host != socket.gethostname() or not process.isdigit():
            return False
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False
