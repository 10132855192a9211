"""What feedback teaches: rates with intervals, times to action, too noisy cards, and what ran silent against what was shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from cds_service.simulation.report import Rate
from cds_service.simulation.tunings import HOW_TO, Acceptance, Tuning, WhatIf
from cds_service.simulation.usage import NOBODY, BurdenRow, NeededRow, UserBurden

GROUPINGS: Mapping[str, tuple[str, ...]] = {
    "topic": ("topic",),
    "message": ("topic", "message"),
    "site": ("site",),
    "hook": ("hook",),
    "user_role": ("user_role",),
    "trigger_action": ("trigger_action",),
    "week": ("week",),
    "topic_by_week": ("topic", "week"),
}
"""What the report counts by, and the store's groups behind it."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Cards of one group and what became of them; rates are of shown cards."""

    group: str
    shown: int
    accepted: int
    overridden: int
    no_response: int
    silent: int
    capped: int
    snoozed: int
    withheld: int
    """Due, and not for who asked."""
    done: int
    """Of the accepted those without feedback, which the chart shows as done."""
    accepted_rate: Rate
    overridden_rate: Rate


@dataclass(frozen=True, slots=True)
class TimeRow:
    """How long clinicians took, in seconds."""

    topic: str
    answered: int
    median: float
    slowest_tenth: float
    """Nine of ten were answered within this."""


@dataclass(frozen=True, slots=True)
class NoisyRow:
    """A topic that is overridden so often that even chance would not bring it below the mark."""

    topic: str
    overridden: Rate
    commonest_reason: str
    sentence: str
    what_if: str = HOW_TO
    """What a cohort was asked, and what came of it; without one, how to ask."""
    tunings: tuple[Tuning, ...] = ()
    """What would quiet it, and what would be missed; those that no other beats come first."""


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """All that the store tells of a period."""

    groups: Mapping[str, tuple[GroupRow, ...]]
    reasons: tuple[tuple[str, str, int], ...]
    """Topic, reason, cards."""
    times: tuple[TimeRow, ...]
    failures: tuple[tuple[str, str, str, int], ...]
    """Rules that failed or could not tell: topic, kind, because, times."""
    noisy: tuple[NoisyRow, ...]
    unknown_feedback: int
    burden: tuple[BurdenRow, ...] = ()
    users: UserBurden = NOBODY
    needed: tuple[NeededRow, ...] = ()
    drift: tuple[str, ...] = ()
    """Cards whose rate has doubled or fallen to nothing within the last week."""
    remark: str = ""
    """What a reader must know of the figures as a whole."""


def group_row(
    group: Sequence[str],
    shown: int,
    accepted: int,
    overridden: int,
    silent: int,
    capped: int,
    snoozed: int,
    withheld: int = 0,
    done: int = 0,
) -> GroupRow:
    """Make a row with its rates."""
    return GroupRow(
        group="/".join(group),
        shown=shown,
        accepted=accepted,
        overridden=overridden,
        no_response=shown - accepted - overridden,
        silent=silent,
        capped=capped,
        snoozed=snoozed,
        withheld=withheld,
        done=done,
        accepted_rate=Rate.of_share(accepted, shown),
        overridden_rate=Rate.of_share(overridden, shown),
    )


def feedback_report(
    groups: Mapping[str, Sequence[GroupRow]],
    reasons: Iterable[tuple[str, str, int]],
    seconds: Mapping[str, Sequence[float]],
    failures: Iterable[tuple[str, str, str, int]],
    unknown_feedback: int,
    noisy_from: float,
    least: int,
) -> FeedbackReport:
    """Put a report together. A topic is too noisy when the interval of its overrides lies wholly above ``noisy_from``."""
    why = tuple(sorted(reasons, key=lambda row: (row[0], -row[2], row[1])))
    return FeedbackReport(
        groups={name: tuple(rows) for name, rows in groups.items()},
        reasons=why,
        times=tuple(_time(topic, taken) for topic, taken in sorted(seconds.items())),
        failures=tuple(failures),
        noisy=tuple(_noisy(groups.get("topic", ()), why, noisy_from, least)),
        unknown_feedback=unknown_feedback,
    )


def with_what_if(report: FeedbackReport, found: Iterable[WhatIf]) -> FeedbackReport:
    """Join what a cohort said of the noisy cards."""
    by_topic = {one.topic: one for one in found}
    noisy = tuple(
        replace(row, what_if=by_topic[row.topic].sentence, tunings=by_topic[row.topic].tunings)
        if row.topic in by_topic
        else row
        for row in report.noisy
    )
    return replace(report, noisy=noisy)


def acceptance(report: FeedbackReport, topic: str) -> dict[str, Acceptance]:
    """How often each message of a topic was accepted; ``""`` is the topic as a whole."""
    found = {row.group: Acceptance(row.accepted, row.shown) for row in report.groups.get("topic", ())}
    by_message = {row.group: Acceptance(row.accepted, row.shown) for row in report.groups.get("message", ())}
    whole = {"": found[topic]} if topic in found else {}
    start = f"{topic}/"
    return whole | {
        group.removeprefix(start): known
        for group, known in by_message.items()
        if group.startswith(start) and known.shown
    }


def _time(topic: str, taken: Sequence[float]) -> TimeRow:
    ordered = sorted(taken)
    return TimeRow(
        topic, len(ordered), round(median(ordered), 1), round(ordered[max(0, -(-9 * len(ordered) // 10) - 1)], 1)
    )


def _noisy(
    rows: Iterable[GroupRow], reasons: Sequence[tuple[str, str, int]], noisy_from: float, least: int
) -> Iterable[NoisyRow]:
    found = [row for row in rows if row.shown >= least and row.overridden_rate.low > 100 * noisy_from]
    for row in sorted(found, key=lambda row: -row.overridden_rate.low):
        reason = next((code for topic, code, _ in reasons if topic == row.group and code), "")
        given = f"; most often: {reason}" if reason else ""
        sentence = f"{row.group}: overridden {row.overridden_rate} of 100, {row.shown} shown{given}"
        yield NoisyRow(row.group, row.overridden_rate, reason, sentence)


@dataclass(frozen=True, slots=True)
class SilentRow:
    """One card on record, as far as the comparison needs it."""

    variant: str
    topic: str
    message: str
    indicator: str
    standing: str
    card_id: str
    call: tuple[str, ...] = ()
    """Which answer it belongs to."""


@dataclass(frozen=True, slots=True)
class SilentLine:
    """What one silent card, or one topic of a candidate, did."""

    variant: str
    topic: str
    silent: int
    also_shown: int
    """Cards that the live knowledge showed too, word for word."""
    otherwise: int
    """Cards that the live knowledge showed of the same topic in the same answer, with another message or on other facts."""
    only_live: int
    """Cards that went out, and the candidate, under the same rules of snoozing and cap, would not have shown."""
    failures: int
    sentence: str


@dataclass(frozen=True, slots=True)
class SilentReport:
    lines: tuple[SilentLine, ...]


def silent_report(rows: Sequence[SilentRow], failures: Iterable[tuple[str, str, int]]) -> SilentReport:
    """Compare silent cards with those shown in the same answers. ``failures`` are counts by variant and topic."""
    failed: Counter[tuple[str, str]] = Counter()
    for variant, topic, count in failures:
        failed[variant, topic] += count
    live = {(row.call, row.topic): row.card_id for row in rows if not row.variant and row.standing == "shown"}
    counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.standing == "silent":
            shown = live.get((row.call, row.topic))
            counts[row.variant, row.topic]["new" if shown is None else "same" if shown == row.card_id else "other"] += 1
        elif row.variant and row.standing == "dropped":
            counts[row.variant, row.topic]["dropped"] += 1
    reported = {*counts, *(one for one in failed if one[0])}
    return SilentReport(tuple(_silent_line(*one, counts[one], failed[one]) for one in sorted(reported)))


def _silent_line(variant: str, topic: str, count: Counter[str], failures: int) -> SilentLine:
    silent = count["new"] + count["same"] + count["other"]
    who = f"{variant} {topic}" if variant else f"{topic} (silent)"
    parts = [f"{count['new']} cards more"] if count["new"] else []
    parts += [f"{count['dropped']} cards fewer"] if count["dropped"] else []
    parts += [f"{count['other']} cards otherwise"] if count["other"] else []
    changed = " and ".join(parts)
    verdict = f"promotion would have shown {changed}" if changed else "promotion would change nothing"
    trouble = f"; {failures} times it failed or could not tell" if failures else ""
    sentence = f"{who}: {silent} silent, {count['same']} of them shown as well; {verdict}{trouble}"
    return SilentLine(variant, topic, silent, count["same"], count["other"], count["dropped"], failures, sentence)
