"""Plots as SVG, readable without colour: the current knowledge is a filled mark, the candidate an open one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import ceil, log10

from markupsafe import Markup

from cds_service.simulation.report import Rate, TopicRow
from cds_service.simulation.sweep import Curve, Point
from cds_service.simulation.tunings import Tuning, spread

_DARK, _LIGHT, _GRID, _INK = "#12507f", "#c9d1d8", "#dde3e8", "#16202a"
_DASHES = ("", "7 4", "2 3", "9 3 2 3", "1 5")
_NOTHING = Markup("")
_APART = 14
"""Pixels between two labels."""

Scale = Callable[[float], float]
"""A number to its place: across in percent of the width, down in pixels."""


def intervals(rows: Sequence[TopicRow]) -> Markup:
    """A dot with its interval for each topic, two where two are compared."""
    if not rows:
        return _NOTHING
    top = _nice(max(max(rate.high for rate in _rates(row)) for row in rows))
    x = _across(top, 1, 97)
    grid = _joined(_upright(x(value)) for value in _ticks(top))
    numbers = _joined(_text(x(value), 14, f"{value:g}", "middle") for value in _ticks(top))
    parts = [_row("", numbers, 18)]
    for row in rows:
        shift = 0 if row.candidate is None else 5
        dots = _dot(row.current, x, 12 - shift, filled=True)
        if row.candidate is not None:
            dots += _dot(row.candidate, x, 12 + shift, filled=False)
        parts.append(_row(row.topic, grid + dots, 24))
    legend = (
        "Filled: current. " + ("Open: candidate. " if rows[0].candidate is not None else "") + "Lines: 95 % interval."
    )
    return _figure(_joined(parts), f"Patients of 100 with a card. {legend}", legend)


def bars(rows: Sequence[tuple[str, int, int | None]], what: str, unit: str) -> Markup:
    """A column for each number of cards."""
    if not rows:
        return _NOTHING
    low, high = 166, 200
    most = max(max(current, candidate or 0) for _, current, candidate in rows) or 1
    step = 100 / len(rows)
    parts = [_line("0", "100%", low, low, _INK)]
    for place, (name, current, candidate) in enumerate(rows):
        x = step * (place + 0.1)
        each = step * (0.8 if candidate is None else 0.4)
        for shift, value, fill in ((0.0, current, _DARK), (each, candidate, "#fff")):
            if value is not None:
                tall = 130 * value / most
                parts.append(_box(x + shift, low - tall, each * 0.92, tall, fill))
        above = low - 130 * max(current, candidate or 0) / most - 5
        middle = x + step * 0.4
        # two numbers stand one above the other: side by side they would run into each other on a telephone
        shown = [current] if candidate is None or candidate == current else [candidate, current]
        parts += [_text(middle, above - 13 * line, f"{n:,}", "middle") for line, n in enumerate(shown)]
        parts.append(_text(middle, low + 15, name, "middle"))
    compared = any(candidate is not None for _, _, candidate in rows)
    legend = f"{unit.capitalize()} by {what}." + (
        " Filled, and the upper number: current. Open: candidate." if compared else ""
    )
    return _figure(_drawing(parts, high), legend, legend)


def curves(curve: Curve) -> Markup:
    """Alert burden over the first axis, with its interval; one line for each value of a second axis."""
    height, bottom, left, right = 330, 284, 9.0, 80.0
    numbers = [float(number) for number in curve.axes[0].numbers]
    top = _nice(max(max(point.high, *point.by_indicator.values()) for point in curve.points) or 1)
    span = (numbers[-1] - numbers[0]) or 1

    def x(number: float) -> float:
        return left + (right - left) * (number - numbers[0]) / span

    def y(value: float) -> float:
        return bottom - (bottom - 16) * value / top

    parts = [_level(value, y, left, right) for value in _ticks(top)]
    parts.append(_line(f"{left}%", f"{right}%", bottom, bottom, _INK))
    lines: list[tuple[str, list[float]]] = []
    if len(curve.axes) == 1:
        parts.append(_band(curve.points, y, left, right, height))
        lines.append(("any", [point.per_100 for point in curve.points]))
        lines += [
            (name, [point.by_indicator[name] for point in curve.points])
            for name in ("critical", "warning", "info")
            if any(point.by_indicator[name] for point in curve.points)
        ]
    else:
        lines += [
            (other, [point.per_100 for point in curve.points if point.values[1] == other])
            for other in curve.axes[1].values
        ]
    parts += [
        _path(values, y, left, right, height, _DASHES[place % len(_DASHES)]) for place, (_, values) in enumerate(lines)
    ]
    parts += _marks(curve.points, x, y)
    labels = _spread([y(values[-1]) for _, values in lines], bottom)
    parts += [_text(right + 1.5, down + 4, name) for (name, _), down in zip(lines, labels, strict=True)]
    step = max(1, ceil(len(numbers) / 12))
    parts += [
        _text(x(number), bottom + 18, f"{number:g}", "middle", "between" if place % 2 else "")
        for place, number in enumerate(numbers[::step])
    ]
    parts.append(
        _text((left + right) / 2, height - 6, f"{curve.axes[0].key} ({curve.axes[0].unit or 'number'})", "middle")
    )
    legend = "Patients of 100 with any of these cards (shaded: 95 % interval), by indicator; ring: the value in force."
    if len(curve.axes) > 1:
        legend = (
            f"Patients of 100 with any of these cards, a line for each {curve.axes[1].key}; ring: the values in force."
        )
    return _figure(_drawing(parts, height), f"Alert burden by {curve.axes[0].key}", legend)


def tradeoffs(tunings: Sequence[Tuning]) -> Markup:
    """For each tuning that no other beats: the cards that it takes away, and the part of them that would be missed."""
    best = spread([one for one in tunings if one.best], 12)
    if not best:
        return _NOTHING
    top = _nice(max(100 * one.fewer / one.cards_now for one in best) or 1)
    x = _across(top, 0.5, 62)
    parts = []
    for one in best:
        fewer, missed = (100 * count / one.cards_now for count in (one.fewer, one.missed_accepted))
        grave = one.missed_critical + one.lowered
        effect = f"{fewer:.0f} fewer, {missed:.1f} accepted" + (f", {grave} critical!" if grave else "")
        start = x(0)
        drawn = _box(start, 3, x(fewer) - start, 16, "#fff") + _box(start, 3, x(missed) - start, 16, _DARK)
        parts.append(_row(one.label, drawn + _text(x(fewer) + 1.5, 15, effect), 24))
    legend = "Of 100 cards now shown: bar, fewer under the tuning; filled part, those that would have been accepted."
    return _figure(_joined(parts), f"What each tuning quiets and misses. {legend}", legend)


def _marks(points: Sequence[Point], x: Scale, y: Scale) -> list[Markup]:
    """A dot on each point of a line, a ring on the value in force."""
    parts = []
    for point in points:
        radius, fill, width = (6, "#fff", 2.5) if point.is_current else (3, _DARK, 0)
        tip = f"{' and '.join(point.values)}: {point.per_100:.2f} of 100 ({point.low:.2f} to {point.high:.2f})"
        place = x(float(point.values[0].partition(" ")[0].rstrip("%")))
        parts.append(_circle(place, y(point.per_100), radius, fill, width, tip))
    return parts


def _band(points: Sequence[Point], y: Scale, left: float, right: float, height: int) -> Markup:
    across = _steps(len(points))
    up = [f"{at:.1f},{y(point.high):.1f}" for at, point in zip(across, points, strict=True)]
    down = [f"{at:.1f},{y(point.low):.1f}" for at, point in zip(across, points, strict=True)]
    shape = Markup('<polygon points="{}" fill="{}" fill-opacity="0.55"/>').format(
        " ".join([*up, *reversed(down)]), _LIGHT
    )
    return _stretched(shape, left, right, height)


def _path(values: Sequence[float], y: Scale, left: float, right: float, height: int, dash: str) -> Markup:
    points = " ".join(f"{at:.1f},{y(value):.1f}" for at, value in zip(_steps(len(values)), values, strict=True))
    line = Markup(
        '<polyline points="{}" fill="none" stroke="{}" stroke-width="2" stroke-dasharray="{}" '
        'vector-effect="non-scaling-stroke"/>'
    ).format(points, _DARK, dash or "none")
    return _stretched(line, left, right, height)


def _stretched(shape: Markup, left: float, right: float, height: int) -> Markup:
    """A shape whose numbers across run from 0 to 1000, drawn between two percentages of the width."""
    return Markup(
        '<svg x="{}%" y="0" width="{}%" height="{}" viewBox="0 0 1000 {}" preserveAspectRatio="none" '
        'overflow="visible">{}</svg>'
    ).format(left, right - left, height, height, shape)


def _steps(count: int) -> list[float]:
    return [1000 * place / max(1, count - 1) for place in range(count)]


def _spread(places: Sequence[float], lowest: float) -> list[float]:
    """Labels near their places, none upon another, none below ``lowest``."""
    found = list(places)
    order = sorted(range(len(found)), key=lambda place: found[place])
    for before, after in pairwise(order):
        found[after] = max(found[after], found[before] + _APART)
    for place, each in enumerate(reversed(order)):
        found[each] = min(found[each], lowest - _APART * place)
    return found


def _rates(row: TopicRow) -> list[Rate]:
    return [rate for rate in (row.current, row.candidate) if rate is not None]


def _dot(rate: Rate, x: Scale, y: float, *, filled: bool) -> Markup:
    span = _line(f"{x(rate.low):.2f}%", f"{x(rate.high):.2f}%", y, y, _DARK)
    return span + _circle(x(rate.per_100), y, 4, _DARK if filled else "#fff", 1.5, str(rate))


def _across(top: float, left: float, right: float) -> Scale:
    return lambda value: left + (right - left) * value / top


def _upright(x: float) -> Markup:
    return _line(f"{x:.2f}%", f"{x:.2f}%", 0, "100%", _GRID)


def _level(value: float, y: Scale, left: float, right: float) -> Markup:
    line = _line(f"{left}%", f"{right}%", f"{y(value):.1f}", f"{y(value):.1f}", _GRID)
    return line + _text(left - 1, y(value) + 4, f"{value:g}", "end")


def _line(left: str, right: str, top: float | str, bottom: float | str, colour: str) -> Markup:
    return Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}"/>').format(left, right, top, bottom, colour)


def _box(x: float, y: float, width: float, height: float, fill: str) -> Markup:
    return Markup('<rect x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}" fill="{}" stroke="{}"/>').format(
        x, y, width, height, fill, _DARK
    )


def _circle(x: float, y: float, radius: int, fill: str, width: float, tip: str) -> Markup:
    return Markup(
        '<circle cx="{:.2f}%" cy="{:.1f}" r="{}" fill="{}" stroke="{}" stroke-width="{}"><title>{}</title></circle>'
    ).format(x, y, radius, fill, _DARK, width, tip)


def _text(x: float, y: float, text: str, anchor: str = "start", style: str = "") -> Markup:
    return Markup('<text x="{:.2f}%" y="{:.1f}" text-anchor="{}" class="{}">{}</text>').format(
        x, y, anchor, style, text
    )


def _row(name: str, drawn: Markup, height: int) -> Markup:
    """A named line of a plot; where the screen is narrow the name stands above it."""
    return Markup('<div class="row"><span>{}</span>{}</div>').format(name, _drawing([drawn], height))


def _drawing(parts: Iterable[Markup], height: int) -> Markup:
    """A drawing as wide as the page; letters keep their size, since only places across are percentages."""
    return Markup('<svg width="100%" height="{}" aria-hidden="true">{}</svg>').format(height, _joined(parts))


def _figure(drawn: Markup, title: str, legend: str) -> Markup:
    return Markup(
        '<figure><div class="plot" role="img" aria-label="{}">{}</div><figcaption class="muted">{}</figcaption></figure>'
    ).format(title, drawn, legend)


def _joined(parts: Iterable[Markup]) -> Markup:
    return _NOTHING.join(parts)


def _nice(value: float) -> float:
    """The next round number up."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** (ceil(log10(value)) - 1)
    return next(step * scale for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * scale >= value * 0.9999)


def _ticks(top: float) -> list[float]:
    return [top * part / 5 for part in range(6)]
