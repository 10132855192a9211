"""A simulation or a sweep as one page for a committee: style and plots inside, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from cds_service.simulation.plots import bars, curves, intervals
from cds_service.simulation.report import Rate, Report, TopicRow
from cds_service.simulation.sweep import Curve

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: #16202a; background: #fff;
  margin: 0 auto; padding: 1.5rem clamp(.75rem, 3vw, 2.5rem); max-width: 76rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p, li { max-width: 48rem; } .muted { color: #51606d; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1rem 0;
  padding: 0; list-style: none; }
.figures li { border: 1px solid #c9d1d8; border-radius: .4rem; padding: .6rem .8rem; }
.figures b { display: block; font-size: 1.4rem; line-height: 1.2; } .figures span { color: #51606d; font-size: .85rem; }
.wide { overflow-x: auto; } .wide:focus-visible { outline: 2px solid #1a5c96; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; color: #51606d; padding-bottom: .3rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #dde3e8; vertical-align: top; }
th { border-bottom: 2px solid #16202a; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.best td { font-weight: 600; } h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
tr.part td { color: #51606d; border-bottom-style: dotted; } tr.part td:first-child { padding-left: 1.6rem; }
figure { margin: .5rem 0 1rem; max-width: 54rem; } svg { display: block; overflow: visible; }
svg text { font: 12px system-ui, sans-serif; fill: #16202a; }
.row { display: grid; grid-template-columns: 15rem 1fr; gap: .6rem; align-items: center; break-inside: avoid; }
.row span { font-size: .85rem; text-align: right; } figcaption { font-size: .85rem; padding-top: .3rem; }
@media (max-width: 600px) { body { font-size: 15px; } .row { grid-template-columns: 1fr; gap: 0; }
  .row span { text-align: left; } .between { display: none; }
  .flips tr { display: block; border-bottom: 2px solid #c9d1d8; padding: .4rem 0; }
  .flips thead { display: none; }
  .flips td, .flips td.n { display: block; border: 0; padding: .1rem 0; text-align: left; white-space: normal; }
  .flips td { overflow-wrap: anywhere; }
  .flips td::before { content: attr(data-name) ": "; color: #51606d; } }
@media print { body { max-width: none; padding: 0; font-size: 10pt; color: #000; print-color-adjust: exact; }
  .muted, .figures span, caption, tr.part td { color: #000; }
  .wide { overflow: visible; } table { font-size: 8pt; }
  th, td, td.n { overflow-wrap: anywhere; white-space: normal; padding: .2rem .35rem; }
  h2 { break-after: avoid; } tr, svg { break-inside: avoid; } thead { display: table-header-group; } }
"""


def report_page(report: Report) -> str:
    """Write a simulation's page."""
    compared = bool(report.candidate_version)
    title = f"What would change: {report.cohort}" if compared else f"Cards in a cohort: {report.cohort}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p class=muted>{report.patients:,} patients, {report.evaluations:,} evaluations, {escape(report.asked)}. "
        f"Knowledge {escape(report.current_version)}"
        + (f", candidate {escape(report.candidate_version)}" if compared else "")
        + ".</p>",
        _figures(report),
        _changes(report),
        "<h2>Patients of 100 with a card</h2>",
        intervals([row for row in report.topics if not row.indicator and _any(row)]),
        _topics(report, compared),
        _flips(report),
        "<h2>How many cards at once</h2>",
        bars(
            [(str(load.cards), load.current, load.candidate) for load in report.loads],
            "cards due in one evaluation",
            "evaluations",
        ),
        _overlap(report, compared),
        _gaps(report),
        _reading(),
    ]
    return page(title, parts)


def sweep_page(curve: Curve) -> str:
    """Write a sweep's page."""
    names = " and ".join(axis.key for axis in curve.axes)
    now = [place for place, point in enumerate(curve.points) if point.is_current]
    title = f"Alert burden by {names}"
    rows = [
        (
            *point.values,
            f"{point.patients}",
            f"{point.per_100:.2f} ({point.low:.2f} to {point.high:.2f})",
            *(f"{point.by_indicator[name]:.2f}" for name in ("critical", "warning", "info")),
            f"{point.cards_per_100:.2f}",
            "now" if point.is_current else "",
        )
        for point in curve.points
    ]
    heads = (
        *(axis.key for axis in curve.axes),
        "patients",
        "of 100 (95 %)",
        "critical",
        "warning",
        "info",
        "cards per 100",
        "",
    )
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p class=muted>{escape(curve.cohort)}: {curve.patients:,} patients; {curve.asked_again:,} of them depend on the value. "
        f"Cards: {escape(', '.join(curve.topics))}. Knowledge {escape(curve.version)}.</p>",
        curves(curve),
        table(
            "Patients of 100 with a card, by value",
            heads,
            rows,
            numbers=range(len(curve.axes), len(heads) - 1),
            strong=now,
        ),
        _reading(),
    ]
    return page(title, parts)


def page(title: str, parts: Iterable[str]) -> str:
    """One complete page."""
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><main>\n{body}\n</main></body></html>\n"
    )


def figures(items: Iterable[tuple[str, str]]) -> str:
    """Large numbers with what they are."""
    return (
        '<ul class="figures">'
        + "".join(f"<li><b>{escape(n)}</b><span>{escape(what)}</span></li>" for n, what in items)
        + "</ul>"
    )


def _figures(report: Report) -> str:
    due, other = report.cards_per_100
    any_card = report.any_card
    gains = sum(row.gains for row in report.topics if not row.indicator)
    loses = sum(row.loses for row in report.topics if not row.indicator)
    items = [
        (f"{any_card.current.per_100:.1f}", "of 100 patients have a card"),
        (f"{due:.0f}", "cards due per 100 evaluations"),
    ]
    if other is not None and any_card.candidate:
        items += [
            (f"{any_card.candidate.per_100:.1f}", "of 100 under the candidate"),
            (f"{other:.0f}", "cards per 100 under the candidate"),
            (f"+{gains}" if gains else "0", "cards that patients would gain"),
            (f"-{loses}" if loses else "0", "cards that patients would lose"),
        ]
    items.append((f"{report.held_back[0]:,}", "held back by the cap"))
    if report.unreadable:
        items.append((f"{report.unreadable:,}", "lines, files or resources unreadable"))
    return figures(items)


def _changes(report: Report) -> str:
    if not report.changes:
        return ""
    return (
        "<h2>What the candidate changes</h2><ul>"
        + "".join(f"<li>{escape(one)}</li>" for one in report.changes)
        + "</ul>"
    )


def _any(row: TopicRow) -> bool:
    return bool(row.current.count or (row.candidate and row.candidate.count))


def _topics(report: Report, compared: bool) -> str:
    heads = ["topic", "current"] + (["candidate", "gain", "lose", "change"] if compared else [])
    body = []
    for row in (report.any_card, *report.topics):
        if not _any(row):
            continue
        cells = [row.indicator or (f"{row.title} ({row.topic})" if row.topic else "any card"), str(row.current)]
        if compared:
            counts = ["" if row.indicator else str(n) for n in (row.gains, row.loses, row.changes)]
            cells += [_same(row.current, row.candidate), *counts]
        style = ' class="part"' if row.indicator else ""
        body.append(
            f"<tr{style}><td>{escape(cells[0])}</td>"
            + "".join(f'<td class="n">{escape(cell)}</td>' for cell in cells[1:])
            + "</tr>"
        )
    head = "".join(f"<th{'' if place == 0 else ' class=n'}>{name}</th>" for place, name in enumerate(heads))
    return (
        '<div class="wide" tabindex="0"><table>'
        "<caption>Patients of 100, with 95 % interval; gain, lose and change count patients</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _same(current: Rate, candidate: Rate | None) -> str:
    return "same" if candidate == current else str(candidate)


def _flips(report: Report) -> str:
    if not report.flips:
        return "<h2>Who gets something else</h2><p>Nobody.</p>" if report.candidate_version else ""
    counts = table(
        "",
        ("topic", "before", "after", "evaluations"),
        [(c.topic, c.before, c.after, str(c.evaluations)) for c in report.flip_counts[:40]],
        numbers=(3,),
    )
    names = ("patient", "what", "at", "why", "evidence")
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td data-name="{name}">{escape(cell)}</td>'
            for name, cell in zip(
                names,
                (
                    f"{flip.patient}, {flip.moment[:10]}",
                    f"{flip.topic}: {flip.before} → {flip.after}",
                    flip.rung,
                    "; ".join(flip.because),
                    "; ".join(flip.evidence),
                ),
                strict=True,
            )
        )
        + "</tr>"
        for flip in report.flips
    )
    head = "".join(f"<th>{name}</th>" for name in names)
    listed = f'<table class="flips"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f"<h2>Who gets something else</h2>{counts}<h2>One by one</h2>{listed}"


def _overlap(report: Report, compared: bool) -> str:
    heads = ("topic", "and", "current", *(("candidate",) if compared else ()))
    rows = [(o.first, o.second, str(o.current), *((str(o.candidate),) if compared else ())) for o in report.overlap]
    return (
        "<h2>Due together</h2>" + table("Evaluations in which both are due", heads, rows, numbers=(2, 3))
        if rows
        else ""
    )


def _gaps(report: Report) -> str:
    rows = [(gap.topic, gap.missing, f"{gap.evaluations:,}", f"{gap.per_100:.1f}") for gap in report.gaps]
    gaps = (
        table("", ("topic", "missing", "evaluations", "of 100"), rows, numbers=(2, 3))
        if rows
        else "<p>Every card could tell.</p>"
    )
    failed = [(one.topic, one.missing, str(one.evaluations)) for one in report.failures]
    failures = (
        "<h2>Rules that failed</h2>" + table("", ("topic", "error", "evaluations"), failed, numbers=(2,))
        if failed
        else ""
    )
    return "<h2>Could not tell, for want of data</h2>" + gaps + failures


def _reading() -> str:
    return (
        "<h2>How to read this</h2><p class=muted>Intervals are Wilson's, 95 %: they tell how far chance alone "
        "may have moved a share in "
        "a cohort of this size, not how well the cohort stands for your patients. Nothing dated after the moment asked about was "
        "used; a status without a date could not be turned back. Cards count before the cap on cards shown at once.</p>"
    )


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Iterable[int] = (),
    strong: Iterable[int] = (),
    *,
    stacked: bool = False,
) -> str:
    """A table that scrolls sideways where the screen is narrow, or stands as a list; ``strong`` rows are set in bold."""
    right, bold = set(numbers), set(strong)

    def cell(tag: str, place: int, text: str) -> str:
        named = f' data-name="{escape(heads[place])}"' if stacked and tag == "td" else ""
        return f"<{tag}{' class=n' if place in right else ''}{named}>{escape(text)}</{tag}>"

    head = "".join(cell("th", place, name) for place, name in enumerate(heads))
    body = "".join(
        f"<tr{' class=best' if number in bold else ''}>"
        + "".join(cell("td", place, text) for place, text in enumerate(row))
        + "</tr>"
        for number, row in enumerate(rows)
    )
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    style = " class=flips" if stacked else ""
    return f'<div class="wide" tabindex="0"><table{style}>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
