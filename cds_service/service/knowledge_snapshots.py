"""Loaded knowledge kept on disk under the hash of all that it was made of: taking it up costs a tenth of a load.

Every command and every worker begins with the same card files, and reading them takes most of a second. What was loaded once
is kept in a folder of the user's own (``CDS_SNAPSHOTS``; by default in the user's cache folder, and nowhere when that setting
is empty). A snapshot holds code references and is only believed when nobody else could have written it.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
import pydantic

from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.no_collection import no_collection

SETTING = "CDS_SNAPSHOTS"
_KEPT = 12
"""Snapshots in the folder; the oldest beyond it go."""
_OTHERS_MAY_WRITE = 0o022


def load_or_take_up(files: Mapping[str, str], *, overlay: str | None = None, settings: Sequence[str] = ()) -> Knowledge:
    """Do what :func:`cds_service.knowledge.load.load` does, and remember it; raises what that raises."""
    folder = _folder()
    snapshot = folder and folder / f"{_hash(files, overlay, settings)}.knowledge"
    if snapshot and (kept := _taken_up(snapshot)) is not None:
        return kept
    from cds_service.knowledge.load import load  # what reads the files takes as long to import as a snapshot to take up

    knowledge = load(files, overlay=overlay, settings=settings)
    with suppress(OSError):  # a full or locked disk costs time at the next start, nothing else
        if snapshot:
            _keep(knowledge, snapshot)
    return knowledge


def _folder() -> Path | None:
    """The folder of snapshots, made if need be; None when there is none that only this user can write."""
    named = os.environ.get(SETTING)
    try:
        if named is None:
            folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cds-service" / "snapshots"
        elif named:
            folder = Path(named)
        else:
            return None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except (OSError, RuntimeError):
        return None
    return folder if found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_MAY_WRITE else None


def _hash(files: Mapping[str, str], overlay: str | None, settings: Sequence[str]) -> str:
    """Hash the texts, the choice among them, the program and what it runs on."""
    made_of = [sys.version, msgspec.__version__, pydantic.VERSION, overlay or "", *settings]
    for path in sorted(Path(str(resources.files("cds_service"))).rglob("*.py")):
        found = path.stat()
        made_of.append(f"{path} {found.st_size} {found.st_mtime_ns}")
    for name in sorted(files):
        if not name.startswith("sites/") or name == overlay:
            made_of += [name, files[name]]
    digest = hashlib.sha256()
    for each in made_of:
        data = each.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _taken_up(snapshot: Path) -> Knowledge | None:
    try:
        found = snapshot.lstat()
        if found.st_uid != os.geteuid() or found.st_mode & _OTHERS_MAY_WRITE:
            return None
        data = snapshot.read_bytes()
        snapshot.touch()
        with no_collection():
            kept = pickle.loads(data)  # noqa: S301 - written by this user, in a folder that nobody else can write
    except Exception:  # noqa: BLE001 - whatever is wrong with a snapshot, the files say the same
        return None
    return kept if isinstance(kept, Knowledge) else None


class _Pickler(pickle.Pickler):
    """Keeps a dataclass as the call that makes it, where that says all: five times faster to take up than its own way."""

    def reducer_override(self, value: object) -> Any:
        kind = type(value)
        if not is_dataclass(kind) or not _made_by_call(kind):
            return NotImplemented
        return kind, tuple(getattr(value, each.name) for each in fields(kind))


@cache
def _made_by_call(kind: type) -> bool:
    """Whether the arguments of a dataclass are all that there is to it."""
    plain = all(each.init and not each.kw_only for each in fields(kind))
    return plain and not hasattr(kind, "__post_init__") and not hasattr(kind, "__dict__")


def _keep(knowledge: Knowledge, snapshot: Path) -> None:
    written = io.BytesIO()
    try:
        _Pickler(written, pickle.HIGHEST_PROTOCOL).dump(knowledge)
    except (TypeError, AttributeError, pickle.PicklingError):  # a rule that a test made on the spot has no name
        return
    with NamedTemporaryFile(dir=snapshot.parent, delete=False) as file:  # made with mode 0600
        file.write(written.getbuffer())
    Path(file.name).replace(snapshot)
    kept = sorted(snapshot.parent.glob("*.knowledge"), key=lambda path: path.stat().st_mtime_ns)
    for oldest in kept[:-_KEPT]:
        oldest.unlink(missing_ok=True)
