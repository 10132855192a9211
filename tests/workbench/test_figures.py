"""Every figure of report and dashboard against a store that is counted by hand."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds_service.service.store import AuditEntry, CardFeedback, Period, RememberedFailure, Store
from cds_service.service.store.drift import drifted
from cds_service.simulation.usage import Due, Opening, numbers_needed
from cds_service.workbench.cli import commands
from cds_service.workbench.figures import cards_of_topic, read_report
from cds_service.workbench.playground.dashboard import cards_behind, dashboard
from tests.service.store.ward import NORTH, SERVICE, Clock, answer, card_id, hypercalcaemia

SECRET = "for-tests-only-1234"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def opened(store: Store, at: datetime, patient: str, *cards: Any, user: str = "Practitioner/a", **more: Any) -> None:
    """One call as the service leaves it: the answer, and its row in the audit a second later."""
    store.record_shown(replace(answer(at, *cards, **more), patient_id=patient, hook_instance=f"{at}{patient}"))
    topics = tuple(f"{card.topic} {card.indicator}" for card in cards if card.standing == "shown")
    store.record_call(
        AuditEntry(at + timedelta(seconds=1), NORTH, SERVICE, 200, 2.0, topics=topics, user=user, patient=patient)
    )


def oxygen(number: int, **changes: Any) -> Any:
    return hypercalcaemia(number, topic="oxygen", message="low", indicator="warning", **changes)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, str]]:
    """Five calls on three patients by two users in two weeks; see each line for what became of its cards."""
    url = f"sqlite:///{tmp_path_factory.mktemp('counted')}/store.sqlite3"
    clock = Clock()
    clock.now = START + timedelta(days=8)
    store = Store(url, SECRET.encode(), clock=clock)
    store.open()
    hour = timedelta(hours=1)
    opened(store, START, "p1", hypercalcaemia(1), oxygen(2))  # 1 accepted; 2 not answered, and gone an hour later
    opened(store, START + hour, "p1", hypercalcaemia(3), user="Practitioner/b")  # 3 overridden, and known late
    opened(store, START + 2 * hour, "p2", hypercalcaemia(4), oxygen(5, standing="capped"))  # 4 still due two days later
    opened(
        store, START + timedelta(days=2), "p2", hypercalcaemia(6, standing="snoozed"), oxygen(7)
    )  # 7 never seen again
    trial = oxygen(8, standing="silent", variant="next@1"), oxygen(9, standing="capped", variant="next@1")
    failures = (RememberedFailure("sbrt", "cannot-tell", "conditions"), RememberedFailure("sbrt", "failed", "KeyError"))
    opened(
        store, START + timedelta(days=7), "p3", hypercalcaemia(10), *trial, failures=failures
    )  # 10 overridden, no reason
    store.flush()
    feedback = [
        CardFeedback(card_id(1), "accepted", START + timedelta(seconds=40)),
        CardFeedback(card_id(3), "overridden", START + hour, reason_code="patient-declined"),
        CardFeedback(card_id(10), "overridden", START + timedelta(days=7, seconds=20), comment="at home"),
        CardFeedback(card_id(404), "accepted", START),
    ]
    store.record_feedback(feedback, NORTH, SERVICE)
    yield store, url
    store.close()


def test_the_report_says_what_was_counted_by_hand(counted: tuple[Store, str]) -> None:
    report = read_report(counted[0], Period())
    counts = {
        row.group: (row.shown, row.accepted, row.overridden, row.no_response, row.silent, row.capped, row.snoozed)
        for by in ("topic", "topic_by_week", "site", "hook", "user_role")
        for row in report.groups[by]
    }
    assert counts == {
        "hypercalcaemia": (4, 1, 2, 1, 0, 0, 1),
        "oxygen": (2, 0, 0, 2, 1, 1, 0),
        "hypercalcaemia/2026-W10": (3, 1, 1, 1, 0, 0, 1),
        "hypercalcaemia/2026-W11": (1, 0, 1, 0, 0, 0, 0),
        "oxygen/2026-W10": (2, 0, 0, 2, 0, 1, 0),
        "oxygen/2026-W11": (0, 0, 0, 0, 1, 0, 0),
        "uk-nice": (6, 1, 2, 3, 1, 1, 1),
        "patient-view": (6, 1, 2, 3, 1, 1, 1),
        "Practitioner": (6, 1, 2, 3, 1, 1, 1),
    }
    assert report.reasons == (("hypercalcaemia", "", 1), ("hypercalcaemia", "patient-declined", 1))
    assert report.failures == (("sbrt", "cannot-tell", "conditions", 1), ("sbrt", "failed", "KeyError", 1))
    assert [(row.topic, row.answered, row.median, row.slowest_tenth) for row in report.times] == [
        ("hypercalcaemia", 3, 20.0, 40.0)
    ]
    assert [(row.service, row.calls, row.cards, row.per_100) for row in report.burden] == [(SERVICE, 5, 6, 120.0)]
    users = report.users
    assert (users.users, users.median, users.nine_of_ten, users.most) == (2, 3.0, 5, 5)
    assert [(row.topic, row.shown, row.accepted, row.settled, row.needed) for row in report.needed] == [
        ("hypercalcaemia", 4, 1, 0, 4.0),
        ("oxygen", 2, 0, 1, 2.0),
    ]
    assert report.unknown_feedback == 1
    assert report.drift == ()


def test_the_dashboard_says_the_same_and_shows_the_cards_by_pseudonym(counted: tuple[Store, str]) -> None:
    store, _ = counted
    seen = dashboard(store, START + timedelta(days=8), 4, [("observations", "no-unit", 3)])
    report = read_report(store, Period(since=START + timedelta(days=8) - timedelta(weeks=4)))
    counts = ("group", "shown", "accepted", "overridden", "no_response", "silent", "capped", "snoozed", "withheld")
    assert [tuple(row[name] for name in counts) for row in seen["topics"]] == [
        ("hypercalcaemia", 4, 1, 2, 1, 0, 0, 1, 0),
        ("oxygen", 2, 0, 0, 2, 1, 1, 0, 0),
    ]
    shares = [(row["accepted_rate"]["per_100"], row["overridden_rate"]["per_100"]) for row in seen["topics"]]
    assert shares == [(25.0, 50.0), (0.0, 0.0)]
    assert [(row["group"], row["shown"], row["overridden"]) for row in seen["byWeek"]] == [
        ("hypercalcaemia/2026-W10", 3, 1),
        ("hypercalcaemia/2026-W11", 1, 1),
        ("oxygen/2026-W10", 2, 0),
        ("oxygen/2026-W11", 0, 0),
    ]
    reasons = [(row["group"], row["code"], row["cards"], row["with_comment"]) for row in seen["reasons"]]
    assert sorted(reasons) == [(("hypercalcaemia",), "", 1, 1), (("hypercalcaemia",), "patient-declined", 1, 0)]
    assert (
        seen["failures"]
        == report.failures
        == (
            ("sbrt", "cannot-tell", "conditions", 1),
            ("sbrt", "failed", "KeyError", 1),
        )
    )
    assert [(row["topic"], row["needed"]) for row in seen["needed"]] == [("hypercalcaemia", 4.0), ("oxygen", 2.0)]
    burden = [(row["service"], row["calls"], row["cards"], row["per_100"]) for row in seen["burden"]]
    assert burden == [(SERVICE, 5, 6, 120.0)]
    assert seen["users"] == {"users": 2, "median": 3.0, "nine_of_ten": 5, "most": 5}
    assert (seen["unknownFeedback"], seen["drift"]) == (1, ())
    assert seen["notUnderstood"] == [{"need": "observations", "problem": "no-unit", "times": 3}]
    cards = cards_behind(store, START + timedelta(days=8), 4, "oxygen")
    assert sorted(card["standing"] for card in cards) == ["capped", "capped", "shown", "shown", "silent"]
    assert len({card["patient"] for card in cards}) == 3 and "p1" not in json.dumps(cards)
    assert cards_of_topic(store, Period(until=START), "oxygen") == []
    json.dumps(seen)


def test_a_card_that_is_recorded_after_its_feedback_is_known(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite3", SECRET.encode())
    store.open()
    store.record_feedback([CardFeedback(card_id(1), "accepted", START)], NORTH, SERVICE)
    assert store.unknown_feedback() == 1
    store.record_shown(answer(START, hypercalcaemia(1)))  # another worker's queue was longer
    store.flush()
    assert store.unknown_feedback() == 0
    assert [row.accepted for row in store.tallies(["topic"])] == [1]
    store.close()


def test_each_table_is_a_file_whose_columns_have_names_of_their_own(
    counted: tuple[Store, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDS_STORE_URL", counted[1])
    monkeypatch.setenv("CDS_STORE_SECRET", SECRET)
    monkeypatch.setenv("CDS_KEEP_AUDIT_DAYS", "0")  # by the clock of the command they are old
    arguments = ["report", "--site", "uk-nice", "--csv", str(tmp_path / "report.csv")]
    run = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    assert run.exit_code == 0, run.output
    tables = {path.stem: list(csv.reader(path.read_text().splitlines())) for path in tmp_path.glob("*.csv")}
    assert {"report", "report-reasons", "report-needed", "report-burden", "report-unanswered"} <= set(tables)
    for head, *_ in tables.values():
        assert len(head) == len(set(head))
    assert ["oxygen", "2", "0", "1", "2.0"] in tables["report-needed"]
    run = CliRunner().invoke(commands, ["report", "--cards", "oxygen", "--json"], catch_exceptions=False)
    assert len(json.loads(run.output)) == 5


def test_an_odd_history_is_counted_as_by_hand(tmp_path: Path) -> None:
    """Two sites; a month without calls; an override that came before its card, and what two nodes showed, then accepted twice."""
    clock, day, hour = Clock(), timedelta(days=1), timedelta(hours=1)
    clock.now = START + 70 * day
    store = Store(f"sqlite:///{tmp_path}/store.sqlite3", SECRET.encode(), clock=clock)
    store.open()

    def sent(number: int, outcome: str, at: datetime, reason: str = "") -> None:
        store.record_feedback([CardFeedback(card_id(number), outcome, at, reason_code=reason)], NORTH, SERVICE)

    sent(1, "overridden", START - hour, "patient-declined")
    for user in ("Practitioner/a", "Practitioner/b"):
        opened(store, START, "p1", hypercalcaemia(1), user=user)
    opened(store, START + day, "p2", hypercalcaemia(2), oxygen(3), site="leeds")
    opened(store, START + 60 * day, "p3", oxygen(4))
    store.flush()
    for again in (1, 2):
        sent(1, "accepted", START + again * hour)
        sent(3, "overridden", START + day + again * hour, f"reason-{again}")

    def counts(report: Any) -> dict[str, tuple[int, ...]]:
        rows = [row for by in ("topic", "week") for row in report.groups[by]]
        return {row.group: (row.shown, row.accepted, row.overridden, row.no_response) for row in rows}

    whole, leeds = read_report(store, Period()), read_report(store, Period(where={"site": "leeds"}))
    topics = {"hypercalcaemia": (2, 1, 0, 1), "oxygen": (2, 0, 1, 1)}
    assert counts(whole) == topics | {"2026-W10": (3, 1, 1, 1), "2026-W18": (1, 0, 0, 1)}
    assert counts(leeds) == {"hypercalcaemia": (1, 0, 0, 1), "oxygen": (1, 0, 1, 0), "2026-W10": (2, 0, 1, 1)}
    assert whole.reasons == leeds.reasons == (("oxygen", "reason-2", 1),)
    assert [(row.calls, row.cards) for row in whole.burden] == [(4, 5)] and whole.unknown_feedback == 0
    assert (whole.users.users, whole.users.median, whole.users.most) == (2, 2.5, 4)
    assert whole.remark == "" and "are of all sites" in leeds.remark and leeds.burden == whole.burden
    empty = read_report(store, Period(since=START + 20 * day, until=START + 50 * day))
    assert not any(empty.groups.values()) and (empty.burden, empty.users.users) == ((), 0)
    store.close()


@pytest.mark.parametrize(
    ("expected", "seen", "kind"),
    [
        (5.0, 0, "fell to nothing"), (4.9, 0, None), (50.0, 1, None),
        (9.0, 18, "doubled"), (9.0, 17, None), (2.0, 5, None), (1.0, 5, "doubled"), (0.5, 4, None),
        (0.0, 5, "doubled"), (0.0, 4, None),
    ],
)  # fmt: skip
def test_drift_is_a_doubled_rate_or_none_at_all_beyond_chance(expected: float, seen: int, kind: str | None) -> None:
    assert drifted(expected, seen) == kind


def test_a_card_that_never_came_before_is_named_once_it_comes_often(tmp_path: Path) -> None:
    clock = Clock()
    clock.now = START + timedelta(days=35)
    store = Store(f"sqlite:///{tmp_path}/store.sqlite3", SECRET.encode(), clock=clock)
    for day in range(35):
        cards = [oxygen(day, standing="withheld")] if day >= 30 else []
        opened(store, START + timedelta(days=day), "p", *cards, hypercalcaemia(100 + day))
    store.open()
    store.flush()
    (found,) = store.drifts()
    assert (found.topic, found.kind, found.before, found.lately) == ("oxygen", "doubled", 0.0, 71.43)
    store.close()


def test_a_card_that_an_upgrade_silenced_is_named(tmp_path: Path) -> None:
    clock = Clock()
    clock.now = START + timedelta(days=35)
    reports: list[Any] = []
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    store = Store(url, SECRET.encode(), clock=clock, drifted=reports.append)
    for day in range(35):
        cards = [hypercalcaemia(day)] if day < 28 else []
        opened(store, START + timedelta(days=day), "p", *cards, oxygen(100 + day))
    store.open()
    store.flush()
    (found,) = store.drifts()
    assert (found.topic, found.kind, found.before, found.lately) == ("hypercalcaemia", "fell to nothing", 100.0, 0.0)
    assert "hypercalcaemia has not been due for a week: 100.0 -> 0.0 per 100 calls" in found.sentence
    assert read_report(store, Period()).drift == (found.sentence,)
    store.close()
    again = Store(url, SECRET.encode(), clock=clock, drifted=reports.append)
    again.open()
    again.flush()
    again.close()  # the look at the start is done when the writer has ended
    assert reports[-1] == (found,) == again.drifting


@pytest.mark.parametrize(
    ("after", "settled"),
    [
        (timedelta(days=7), 1),
        (timedelta(days=7, seconds=1), 0),
        (timedelta(minutes=2, seconds=1), 1),
        (timedelta(minutes=1), 0),
    ],
)
def test_the_next_opening_tells_within_a_week(after: timedelta, settled: int) -> None:
    openings = [Opening(moment, "s", ("p",), ("u",), 1) for moment in (START, START + after)]
    (row,) = numbers_needed(openings, [Due(START, "s", ("p",), "t", "shown", "")])
    assert row.settled == settled
