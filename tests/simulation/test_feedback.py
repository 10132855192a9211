"""The feedback report, silent comparison, promotion and interval arithmetic."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from fhir.resources.R4B.bundle import Bundle

from cds_service.knowledge.cards import Knowledge
from cds_service.service.knowledge_files import cards_folder, load_knowledge
from cds_service.service.store import Caller, CardFeedback, RememberedAnswer, RememberedCard, Store
from cds_service.simulation.changes import changes
from cds_service.simulation.feedback import SilentRow, feedback_report, group_row, silent_report
from cds_service.simulation.feedback_fhir import measure_reports
from cds_service.simulation.intervals import wilson
from cds_service.workbench.cli import commands

DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (1, 100, 0.0018, 0.0545)],
)
def test_wilson_agrees_with_published_values(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == pytest.approx((low, high), abs=0.0005)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_topic_is_noisy_only_when_chance_does_not_explain_it() -> None:
    rows = [
        group_row(("loud",), 100, 5, 90, 0, 0, 0),
        group_row(("few",), 4, 0, 4, 0, 0, 0),
        group_row(("fair",), 100, 40, 55, 0, 0, 0),
    ]
    report = feedback_report({"topic": rows}, [("loud", "already-done", 60)], {}, [], 0, 0.5, 20)
    assert [row.topic for row in report.noisy] == ["loud"]
    assert "already-done" in report.noisy[0].sentence


def test_a_candidate_is_compared_answer_by_answer() -> None:
    rows = [
        SilentRow("", "oxygen", "low", "warning", "shown", "a", ("1",)),
        SilentRow("", "oxygen", "low", "warning", "shown", "b", ("2",)),
        SilentRow("", "oxygen", "low", "warning", "shown", "d", ("4",)),
        SilentRow("", "mdt-referral", "refer", "info", "capped", "m", ("1",)),
        SilentRow("uk@1", "oxygen", "low", "warning", "dropped", "a", ("1",)),
        SilentRow("uk@1", "oxygen", "low", "warning", "silent", "b", ("2",)),
        SilentRow("uk@1", "oxygen", "low", "warning", "silent", "c", ("3",)),
        SilentRow("uk@1", "oxygen", "critical", "critical", "silent", "e", ("4",)),
        SilentRow("uk@1", "mdt-referral", "refer", "info", "capped", "m", ("1",)),
    ]
    (line,) = silent_report(rows, [("uk@1", "oxygen", 2), ("", "sbrt", 1)]).lines
    assert (line.silent, line.also_shown, line.otherwise, line.only_live, line.failures) == (3, 1, 1, 1, 2)
    assert "1 cards more and 1 cards fewer and 1 cards otherwise" in line.sentence


def test_what_both_hold_back_and_what_the_candidate_was_not_asked_is_no_difference() -> None:
    rows = [
        SilentRow("", "oxygen", "low", "warning", "snoozed", "a", ("1",)),
        SilentRow("", "oxygen", "low", "warning", "shown", "b", ("before the candidate ran",)),
        SilentRow("uk@1", "oxygen", "low", "warning", "snoozed", "a", ("1",)),
        SilentRow("uk@1", "sbrt", "offer", "info", "silent", "c", ("1",)),
        SilentRow("", "sbrt", "offer", "info", "shown", "c", ("1",)),
    ]
    assert [line.sentence for line in silent_report(rows, []).lines] == [
        "uk@1 sbrt: 1 silent, 1 of them shown as well; promotion would change nothing"
    ]


def test_measure_reports_are_valid_fhir() -> None:
    report = feedback_report(
        {"topic": [group_row(("oxygen",), 10, 4, 3, 0, 1, 1), group_row(("x",), 0, 0, 0, 2, 0, 0)]},
        [],
        {},
        [],
        0,
        0.5,
        20,
    )
    bundle = measure_reports(report, DAY, DAY.replace(month=4))
    assert len(Bundle.model_validate(bundle).entry) == 2


def test_the_report_reads_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    store = Store(url, b"for-tests-only-1234")
    store.open()
    cards = tuple(
        RememberedCard(f"00000000-0000-5000-8000-00000000000{n}", "oxygen", "low", "warning") for n in range(3)
    )
    store.record_shown(
        RememberedAnswer(
            caller=Caller(), service="s", hook="patient-view", hook_instance="h", patient_id="p", knowledge="k", shown_at=DAY,
            user_role="Practitioner", cards=cards,
        )
    )  # fmt: skip
    store.flush()
    item = CardFeedback(cards[0].card_id, "overridden", DAY.replace(minute=1), reason_code="patient-declined")
    store.record_feedback([item], Caller(), "s")
    store.close()
    monkeypatch.setenv("CDS_STORE_URL", url)
    monkeypatch.setenv("CDS_STORE_SECRET", "for-tests-only-1234")
    files = {name: tmp_path / f"report.{name}" for name in ("csv", "html", "fhir")}
    options = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    result = CliRunner().invoke(commands, ["report", *options, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    read = json.loads(result.stdout)
    assert read["groups"]["topic"][0]["shown"] == 3
    assert read["groups"]["user_role"][0]["group"] == "Practitioner"
    assert read["reasons"] == [["oxygen", "patient-declined", 1]]
    assert read["times"][0]["median"] == 60.0
    assert Bundle.model_validate_json(files["fhir"].read_text())
    assert "oxygen" in files["html"].read_text() and "oxygen" in files["csv"].read_text()
    on_screen = CliRunner().invoke(commands, ["report"], catch_exceptions=False).output
    header, row = (next(line for line in on_screen.splitlines() if word in line) for word in ("┃ topic", "│ oxygen"))
    assert header.count("┃") == row.count("│") and " done ┃" in header
    silent = CliRunner().invoke(commands, ["silent-report"], catch_exceptions=False).output
    assert silent.strip() == "Nothing ran silent."


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    return Path(shutil.copytree(cards_folder(), tmp_path / "cards"))


def test_retire_and_promote_write_the_status_with_its_reason_and_nothing_else(cards: Path) -> None:
    file = cards / "mscc-suspected.yaml"
    before = file.read_text().splitlines()
    run = CliRunner().invoke(
        commands,
        ["retire", "mscc-suspected", "--reason", "a test\nof it", "--cards", str(cards)],
        catch_exceptions=False,
    )
    assert run.exit_code == 0, run.output
    after = file.read_text().splitlines()
    assert [line for line in after if line not in before] == [after[3], "status: retired"]
    assert after[3].endswith("retired, was active: a test of it")
    run = CliRunner().invoke(
        commands, ["promote", "mscc-suspected", "--reason", "b", "--cards", str(cards)], catch_exceptions=False
    )
    assert "is silent instead of retired" in run.output


def test_a_site_retires_a_card_in_its_overlay(cards: Path) -> None:
    arguments = ["retire", "oxygen", "--site", "uk-nice", "--reason", "local pathway", "--cards", str(cards)]
    run = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    assert run.exit_code == 0, run.output
    text = (cards / "sites" / "uk-nice.yaml").read_text()
    assert "local pathway" in text and "oxygen: retired" in text
    assert "# A site that follows NICE" in text
    assert load_knowledge(cards, site="uk-nice").cards["oxygen"].status == "retired"


@pytest.mark.parametrize(
    ("written", "after"),
    [
        ("", "\nstatus:\n  # R\n  oxygen: retired\n"),
        ("status: {}\n", "status:\n  # R\n  oxygen: retired\n"),
        ("status: {sbrt: silent, oxygen: silent}\n", "status:\n  sbrt: silent\n  # R\n  oxygen: retired\n"),
        (
            "status: {sbrt: silent,\n  oxygen: silent\n}\n# e\n",
            "status:\n  sbrt: silent\n  # R\n  oxygen: retired\n# e\n",
        ),
        ("status:\n    sbrt: silent # s\n", "status:\n    # R\n    oxygen: retired\n    sbrt: silent # s\n"),
        ("status:\n  oxygen: silent\n  sbrt: silent\n", "status:\n  # R\n  oxygen: retired\n  sbrt: silent\n"),
    ],
)
def test_a_status_is_put_in_however_an_overlay_is_written(cards: Path, written: str, after: str) -> None:
    file = cards / "sites" / "here.yaml"
    file.write_text(f"site: here # ours\ntitle: Here\n{written}")
    arguments = ["retire", "oxygen", "--site", "here", "--reason", "R", "--cards", str(cards)]
    run = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    assert run.exit_code == 0, run.output
    text = re.sub(r"# 2.*: R", "# R", file.read_text())
    assert text == f"site: here # ours\ntitle: Here\n{after}"


def test_differences_read_as_sentences(knowledge: Knowledge) -> None:
    differences = [str(change) for change in changes(knowledge, load_knowledge(site="uk-nice"))]
    assert any(
        one.startswith("mscc-suspected: mri within 24 instead of 12 hours, site overlay uk-nice.yaml line ")
        for one in differences
    )
    assert changes(knowledge, load_knowledge()) == ()
