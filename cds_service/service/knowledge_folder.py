"""How files of the folder of knowledge versions are written: whole, by one process at a time, and lines added to their end."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Write a file that only its owner may read; readers see the old one or the new one, never half of it."""
    new = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def add_line(file: Path, line: str) -> None:
    """Add a line; one that was cut off before it, when a disk was full, does not spoil it."""
    with file.open("ab+") as opened:
        opened.seek(0, os.SEEK_END)
        if opened.tell() and (opened.seek(-1, os.SEEK_END), opened.read(1))[1] != b"\n":
            line = "\n" + line
        opened.write(f"{line}\n".encode())


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One change at a time, over all processes that see the folder, which is made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
