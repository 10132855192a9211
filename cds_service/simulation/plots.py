"""Plots as SVG, readable without colour: the current knowledge is a filled mark, the candidate an open one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import ceil, log10

from cds_service.simulation.report import Rate, TopicRow
from cds_service.simulation.sweep import Curve, Point
from cds_service.simulation.tunings import Tuning, spread

_DARK, _LIGHT, _GRID = "#12507f", "#c9d1d8", "#dde3e8"
_DASHES = ("", "7 4", "2 3", "9 3 2 3", "1 5")
_ROW = 26

Scale = Callable[[float], float]


def intervals(rows: Sequence[TopicRow]) -> str:
    """A dot with its interval for each topic, two where two are compared."""
    if not rows:
        return ""
    most = max(max(rate.high for rate in _rates(row)) for row in rows)
    top = _nice(most)
    left, width = 220, 640
    height = 34 + _ROW * len(rows)

    def x(value: float) -> float:
        return left + (width - left - 20) * value / top

    parts = _vertical_grid(top, x, 24, height - 8)
    for place, row in enumerate(rows):
        y = 36 + _ROW * place
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{escape(_short(row.topic))}</text>')
        shift = 0 if row.candidate is None else 4
        parts.append(_dot(row.current, x, y - shift, filled=True))
        if row.candidate is not None:
            parts.append(_dot(row.candidate, x, y + shift, filled=False))
    legend = (
        "Filled: current. " + ("Open: candidate. " if rows[0].candidate is not None else "") + "Lines: 95 % interval."
    )
    return _figure(parts, width, height, f"Patients of 100 with a card. {legend}", legend)


def bars(rows: Sequence[tuple[str, int, int | None]], what: str, unit: str) -> str:
    """A column for each number of cards."""
    if not rows:
        return ""
    width, height, low = 640, 200, 160
    most = max(max(current, candidate or 0) for _, current, candidate in rows) or 1
    step = (width - 40) / len(rows)
    parts = [f'<line x1="30" y1="{low}" x2="{width - 10}" y2="{low}" stroke="#16202a"/>']
    for place, (name, current, candidate) in enumerate(rows):
        x = 34 + step * place
        each = step * (0.8 if candidate is None else 0.4)
        for shift, value, style in (
            (0.0, current, f'fill="{_DARK}"'),
            (each, candidate, f'fill="#fff" stroke="{_DARK}" stroke-width="1.5"'),
        ):
            if value is not None:
                tall = 130 * value / most
                parts.append(
                    f'<rect x="{x + shift:.1f}" y="{low - tall:.1f}" width="{each * 0.92:.1f}" height="{tall:.1f}" {style}/>'
                )
        parts.append(f'<text x="{x + step * 0.4:.1f}" y="{low + 16}" text-anchor="middle">{escape(name)}</text>')
        above = low - 134 * max(current, candidate or 0) / most - 4
        parts.append(f'<text x="{x + step * 0.4:.1f}" y="{above:.1f}" text-anchor="middle">{current:,}</text>')
    parts.append(f'<text x="{width / 2}" y="{height - 6}" text-anchor="middle">{escape(what)}</text>')
    return _figure(parts, width, height, f"{unit} by {what}", "")


def curves(curve: Curve) -> str:
    """Alert burden over the first axis, with its interval; one line for each value of a second axis."""
    width, height, left, bottom = 640, 330, 52, 280
    numbers = [float(number) for number in curve.axes[0].numbers]
    top = _nice(max(max(point.high, *point.by_indicator.values()) for point in curve.points) or 1)
    span = (numbers[-1] - numbers[0]) or 1

    def x(number: float) -> float:
        return left + (width - left - 90) * (number - numbers[0]) / span

    def y(value: float) -> float:
        return bottom - (bottom - 24) * value / top

    parts = [_horizontal(value, y, left, width - 90) for value in _ticks(top)]
    if len(curve.axes) == 1:
        parts += _line(curve.points, numbers, x, y, _DASHES[0], "any", band=True)
        parts += [
            part
            for place, name in enumerate(("critical", "warning", "info"), 1)
            if any(point.by_indicator[name] for point in curve.points)
            for part in _path(
                [(n, p.by_indicator[name]) for n, p in zip(numbers, curve.points, strict=True)],
                x,
                y,
                _DASHES[place],
                name,
            )
        ]
    else:
        for place, other in enumerate(curve.axes[1].values):
            points = [point for point in curve.points if point.values[1] == other]
            parts += _line(points, numbers, x, y, _DASHES[place % len(_DASHES)], other, band=False)
    step = max(1, ceil(len(numbers) / 12))
    parts += [
        f'<text x="{x(number):.1f}" y="{bottom + 18}" text-anchor="middle">{number:g}</text>'
        for number in numbers[::step]
    ]
    name = escape(f"{curve.axes[0].key} ({curve.axes[0].unit or 'number'})")
    parts.append(f'<text x="{(left + width - 90) / 2}" y="{height - 8}" text-anchor="middle">{name}</text>')
    legend = "Patients of 100 with any of these cards (shaded: 95 % interval), by indicator; ring: the value in force."
    return _figure(parts, width, height, f"Alert burden by {curve.axes[0].key}", legend)


def tradeoffs(tunings: Sequence[Tuning]) -> str:
    """For each tuning that no other beats: the cards that it takes away, and the part of them that would be missed."""
    best = spread([one for one in tunings if one.best], 12)
    if not best:
        return ""
    left, width, right = 230, 760, 190
    height = 10 + _ROW * len(best)
    top = _nice(max(100 * one.fewer / one.cards_now for one in best) or 1)

    def x(per_100: float) -> float:
        return left + (width - left - right) * per_100 / top

    parts = []
    for place, one in enumerate(best):
        y = 6 + _ROW * place
        fewer, missed = (100 * count / one.cards_now for count in (one.fewer, one.missed_accepted))
        grave = f", {one.missed_critical + one.lowered} critical!" if one.missed_critical + one.lowered else ""
        parts += [
            f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{escape(_short(one.change, 36))}</text>',
            f'<rect x="{left}" y="{y}" width="{x(fewer) - left:.1f}" height="18" fill="#fff" stroke="{_DARK}" stroke-width="1.5"/>',
            f'<rect x="{left}" y="{y}" width="{x(missed) - left:.1f}" height="18" fill="{_DARK}"/>',
            f'<text x="{x(fewer) + 6:.1f}" y="{y + 14}">{fewer:.0f} fewer, {missed:.1f} accepted{grave}</text>',
        ]
    legend = "Of 100 cards now shown: bar, fewer under the tuning; filled part, those that would have been accepted."
    return _figure(parts, width, height, f"What each tuning quiets and misses. {legend}", legend)


def _line(
    points: Sequence[Point], numbers: Sequence[float], x: Scale, y: Scale, dash: str, name: str, *, band: bool
) -> list[str]:
    along = list(zip(numbers, points, strict=True))
    parts = []
    if band:
        up = [f"{x(number):.1f},{y(point.high):.1f}" for number, point in along]
        down = [f"{x(number):.1f},{y(point.low):.1f}" for number, point in reversed(along)]
        parts.append(f'<polygon points="{" ".join(up + down)}" fill="{_LIGHT}" fill-opacity="0.55"/>')
    parts += _path([(number, point.per_100) for number, point in along], x, y, dash, name)
    for number, point in along:
        style = (
            f'r="6" fill="#fff" stroke="{_DARK}" stroke-width="2.5"' if point.is_current else f'r="3" fill="{_DARK}"'
        )
        tip = f"{' and '.join(point.values)}: {point.per_100:.2f} of 100 ({point.low:.2f} to {point.high:.2f})"
        parts.append(
            f'<circle cx="{x(number):.1f}" cy="{y(point.per_100):.1f}" {style}><title>{escape(tip)}</title></circle>'
        )
    return parts


def _path(places: Sequence[tuple[float, float]], x: Scale, y: Scale, dash: str, name: str) -> list[str]:
    path = " ".join(f"{x(number):.1f},{y(value):.1f}" for number, value in places)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    number, value = places[-1]
    return [
        f'<polyline points="{path}" fill="none" stroke="{_DARK}" stroke-width="2"{dashed}/>',
        f'<text x="{x(number) + 8:.1f}" y="{y(value) + 4:.1f}">{escape(name)}</text>',
    ]


def _rates(row: TopicRow) -> list[Rate]:
    return [rate for rate in (row.current, row.candidate) if rate is not None]


def _dot(rate: Rate, x: Scale, y: float, *, filled: bool) -> str:
    fill = _DARK if filled else "#fff"
    return (
        f'<line x1="{x(rate.low):.1f}" x2="{x(rate.high):.1f}" y1="{y}" y2="{y}" stroke="{_DARK}" stroke-width="1.5"/>'
        f'<circle cx="{x(rate.per_100):.1f}" cy="{y}" r="4" fill="{fill}" stroke="{_DARK}" stroke-width="1.5">'
        f"<title>{escape(str(rate))}</title></circle>"
    )


def _vertical_grid(top: float, x: Scale, first: float, last: float) -> list[str]:
    return [
        f'<line x1="{x(value):.1f}" x2="{x(value):.1f}" y1="{first}" y2="{last}" stroke="{_GRID}"/>'
        f'<text x="{x(value):.1f}" y="16" text-anchor="middle">{value:g}</text>'
        for value in _ticks(top)
    ]


def _horizontal(value: float, y: Scale, left: float, right: float) -> str:
    return (
        f'<line x1="{left}" x2="{right}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="{_GRID}"/>'
        f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
    )


def _figure(parts: Sequence[str], width: int, height: int, title: str, legend: str) -> str:
    note = f"<figcaption class=muted>{escape(legend)}</figcaption>" if legend else ""
    return (
        f'<figure style="margin:0;max-width:{width + 120}px">'
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg>{note}</figure>"
    )


def _nice(value: float) -> float:
    """The next round number up."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** (ceil(log10(value)) - 1)
    return next(step * scale for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * scale >= value * 0.9999)


def _ticks(top: float) -> list[float]:
    return [top * part / 5 for part in range(6)]


def _short(text: str, longest: int = 30) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
