"""Knowledge taken up from a snapshot says what the files say, and a snapshot that is not ours is never believed."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cds_service.knowledge import load as load_module
from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.errors import KnowledgeError
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.handler import HookHandler
from cds_service.service.knowledge_files import cards_folder, read_card_files
from cds_service.service.knowledge_snapshots import load_or_take_up

REQUEST = Path("fhir_fixtures/requests/breast-bone-mets-leg-weakness-patient-view.json")
FILES = read_card_files(cards_folder(), examples=False)


def answered(knowledge: Knowledge, request: bytes) -> bytes:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    handler = HookHandler(KnowledgeAdvisor(knowledge), development=True, clock=lambda: at)
    answer = handler.answer("metastatic-disease-patient-view", request)
    assert b"mscc-suspected" in answer.body
    return answer.body


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CDS_SNAPSHOTS", str(tmp_path))
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every load from the files."""
    seen: list[object] = []
    load = load_module.load

    def counted(*args: object, **kwargs: object) -> object:
        seen.append(kwargs)
        return load(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(load_module, "load", counted)
    return seen


def test_the_second_start_reads_no_file_again_and_knows_the_same(folder: Path, loads: list[object]) -> None:
    first, second = load_or_take_up(FILES), load_or_take_up(FILES)
    assert len(loads) == 1
    assert second.version == first.version
    assert second.cards.keys() == first.cards.keys()
    request = REQUEST.read_bytes()
    assert answered(second, request) == answered(first, request)
    (kept,) = folder.glob("*.knowledge")
    assert kept.stat().st_mode & 0o777 == 0o600


def test_whatever_changes_is_loaded_anew(folder: Path, loads: list[object]) -> None:
    load_or_take_up(FILES)
    load_or_take_up({**FILES, "parameters.yaml": FILES["parameters.yaml"] + "\n# a word\n"})
    load_or_take_up({**FILES, "sites/x.yaml": "site: x\ntitle: X\n"}, overlay="sites/x.yaml")
    load_or_take_up(FILES, settings=("could-not-assess.counted_needs=observations",))
    assert len(loads) == 4
    load_or_take_up({**FILES, "sites/y.yaml": "site: y\n"})  # an overlay that is not chosen changes nothing
    assert len(loads) == 4


def test_a_mistake_is_said_each_time(folder: Path) -> None:
    wrong = {**FILES, "oxygen.yaml": "topic: [\n"}
    for _ in range(2):
        with pytest.raises(KnowledgeError, match=r"oxygen\.yaml"):
            load_or_take_up(wrong)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("damage", ["cut", "foreign", "others_may_write", "folder_of_others", "a_link"])
def test_a_snapshot_that_is_not_ours_or_not_whole_is_not_believed(
    folder: Path, loads: list[object], damage: str
) -> None:
    load_or_take_up(FILES)
    (kept,) = folder.glob("*.knowledge")
    if damage == "cut":
        kept.write_bytes(kept.read_bytes()[:1000])
    elif damage == "foreign":
        kept.write_bytes(pickle.dumps({"cards": {}}))
    elif damage == "others_may_write":
        kept.chmod(0o666)
    elif damage == "folder_of_others":
        folder.chmod(0o777)
    else:
        kept.rename(folder / "elsewhere")
        kept.symlink_to(folder / "elsewhere")
    assert load_or_take_up(FILES).cards
    assert len(loads) == 2


def test_empty_keeps_nothing(folder: Path, loads: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_SNAPSHOTS", "")
    load_or_take_up(FILES)
    load_or_take_up(FILES)
    assert len(loads) == 2
    assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CDS_SNAPSHOTS", str(tmp_path / "file" / "below"))
    assert load_or_take_up(FILES).cards


def test_the_oldest_go(folder: Path) -> None:
    for number in range(20):
        (folder / f"{number}.knowledge").write_bytes(b"")
    load_or_take_up(FILES)
    assert len(list(folder.glob("*.knowledge"))) == 12
