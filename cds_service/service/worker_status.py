"""Which knowledge version each worker runs: a version is in force when every worker has reported it.

Every worker writes one small file, anew at each look, and takes it away when it ends. Whether a worker lives is known from
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
"""Seconds after which a worker without a new report counts as silent; it reports once a second, and changing over takes some."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """The report of one worker: number and version of the activation that it runs, and why it does not run the newest."""

    number: int
    version: str
    trouble: str = ""
    count: int = 0
    canary: Mapping[str, Any] = field(default_factory=dict)
    """Its report on a canary (:meth:`canary.CanaryRun.word`)."""


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
    """The reports of all workers that share a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "workers"
        self._own = f"{socket.gethostname()}-{os.getpid()}"
        self._count = 0

    def report(self, status: WorkerStatus) -> None:
        """Write this worker's report; a disk that does not take it stops nothing."""
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
        """Take this worker's report away."""
        (self._folder / f"{self._own}.json").unlink(missing_ok=True)

    def read(self) -> Mapping[str, WorkerStatus]:
        """Every worker's report, by its name; those of processes of this machine that have ended are taken away."""
        statuses: dict[str, WorkerStatus] = {}
        for file in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else ():
            if self._has_ended(file.stem):
                file.unlink(missing_ok=True)
                continue
            try:
                statuses[file.stem] = WorkerStatus(**json.loads(file.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                continue  # it went, or is being written; a worker without a report counts as silent
        return statuses

    def wait_for(self, number: int, seconds: float = 30.0, pause: Callable[[float], None] = time.sleep) -> Rollout:
        """Wait until every worker runs this activation, has refused it, or is silent; at most so many seconds."""
        return self._wait(lambda status: status.number >= number, lambda status: status.trouble, seconds, pause)

    def wait_for_canary(
        self, number: int, seconds: float = 30.0, pause: Callable[[float], None] = time.sleep
    ) -> Rollout:
        """The same for a change of the record of canaries."""
        follows: Callable[[WorkerStatus], bool] = lambda status: status.canary.get("number", 0) >= number  # noqa: E731
        return self._wait(follows, lambda status: str(status.canary.get("trouble", "")), seconds, pause)

    def _wait(
        self,
        follows: Callable[[WorkerStatus], bool],
        trouble: Callable[[WorkerStatus], str],
        seconds: float,
        pause: Callable[[float], None],
    ) -> Rollout:
        first, began = self.read(), time.monotonic()
        while True:
            statuses = self.read()
            waiting = {name for name, status in statuses.items() if not follows(status) and not trouble(status)}
            waited = time.monotonic() - began
            still = {
                name
                for name in waiting
                if waited < SILENT_AFTER or statuses[name].count != first.get(name, WorkerStatus(0, "")).count
            }
            if not still or waited >= seconds:
                refused = tuple(f"{name} ({trouble(status)})" for name, status in statuses.items() if trouble(status))
                running = tuple(name for name, status in statuses.items() if follows(status) and not trouble(status))
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
