"""A backup is whole or none, of either database, for either; the files of a store are its owner's alone."""

from __future__ import annotations

import gzip
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cds_service.service.store import Store, backup
from cds_service.service.store.backup import NoBackup
from tests.service.store.temporary_postgresql import TemporaryPostgresql
from tests.service.store.test_store_audit import entry
from tests.service.store.ward import NORTH, SERVICE, Clock, answer, hypercalcaemia, overridden


@pytest.fixture
def filled(store: Store, clock: Clock) -> Store:
    for number in range(20):
        store.record_shown(answer(clock(), hypercalcaemia(number)))
        store.record_call(entry(clock, number))
    assert store.flush()
    store.record_feedback([overridden(number, clock()) for number in range(5)], NORTH, SERVICE)
    return store


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, open_store: Callable[..., Store]) -> Store:
    if request.param == "sqlite":
        return open_store(f"sqlite:///{tmp_path}/elsewhere.db")
    cluster: TemporaryPostgresql = request.getfixturevalue("postgresql")
    return open_store(cluster.new_database())


def test_what_was_backed_up_is_restored_into_either_database(
    filled: Store, elsewhere: Store, tmp_path: Path, clock: Clock
) -> None:
    file = tmp_path / "backup.gz"
    count = backup.write(filled.database, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert backup.restore(elsewhere.database, file) == count
    assert list(elsewhere.card_rows()) == list(filled.card_rows())
    assert list(elsewhere.audit_rows()) == list(filled.audit_rows())
    assert elsewhere.verify_audit() == filled.verify_audit()
    assert elsewhere.record_feedback([overridden(1, clock())], NORTH, SERVICE).repeated == 1
    assert elsewhere.record_feedback([overridden(7, clock())], NORTH, SERVICE).recorded == 1
    elsewhere.record_call(entry(clock))
    assert elsewhere.flush()
    assert elsewhere.verify_audit().problem == ""


def test_a_store_in_use_is_not_written_over(filled: Store, tmp_path: Path) -> None:
    file = tmp_path / "backup.gz"
    backup.write(filled.database, file)
    with pytest.raises(NoBackup, match="in use"):
        backup.restore(filled.database, file)
    assert filled.verify_audit().problem == ""


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.99])
def test_a_backup_that_was_cut_off_is_none(filled: Store, elsewhere: Store, tmp_path: Path, kept: float) -> None:
    file = tmp_path / "backup.gz"
    backup.write(filled.database, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(kept if kept > 1 else kept * len(whole))])
    with pytest.raises(NoBackup):
        backup.restore(elsewhere.database, file)
    assert list(elsewhere.card_rows()) == []


def test_a_backup_whose_end_is_missing_is_none(filled: Store, elsewhere: Store, tmp_path: Path) -> None:
    file = tmp_path / "backup.gz"
    backup.write(filled.database, file)
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    file.write_bytes(gzip.compress(b"".join(lines[:-2])))
    with pytest.raises(NoBackup, match="not whole"):
        backup.restore(elsewhere.database, file)


def test_files_of_a_store_are_its_owners_alone(tmp_path: Path, open_store: Callable[..., Store]) -> None:
    open_store(f"sqlite:///{tmp_path}/own/store.db")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "own").iterdir()}
    assert modes.pop("store.db") == 0o600
    assert set(modes.values()) <= {0o600}


def test_a_disk_that_takes_no_backup_leaves_no_half_of_one(filled: Store, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    shutil.rmtree(folder)
    with pytest.raises(OSError, match="No such file"):
        backup.write(filled.database, folder / "backup.gz")
