"""Ratios, measured side by side: every round runs each candidate once, in turn; the median of the rounds' ratios counts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """One line of the table. Without a value it was not measured, and ``detail`` says why."""

    name: str
    value: float | None
    low: float
    high: float
    target: float
    at_least: bool = False
    """The target is a floor; otherwise a ceiling."""
    detail: str = ""

    @property
    def met(self) -> bool:
        if self.value is None:
            return False
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def verdict(self) -> str:
        """Whether the target is met and, if not, how far off it is."""
        if self.value is None:
            return "not measured"
        if self.met:
            return "met"
        off = self.target / self.value if self.at_least else self.value / self.target
        return f"**not met**, {off:.2f} times off"

    def brief(self) -> str:
        """The line as docs/performance.md quotes it."""
        measured = "–" if self.value is None else _figures(self.value)
        return f"| {self.name} | {measured} | {'≥' if self.at_least else '≤'} {self.target:g} | {'met' if self.met else ''} |"

    def row(self) -> str:
        """The line as Markdown."""
        target = f"{'≥' if self.at_least else '≤'} {self.target:g}"
        if self.value is None:
            return f"| {self.name} | – | – | {target} | {self.verdict} | {self.detail} |"
        spread = f"{_figures(self.low)} to {_figures(self.high)}"
        return f"| {self.name} | {_figures(self.value)} | {spread} | {target} | {self.verdict} | {self.detail} |"


HEAD = "| ratio | measured | middle half of the rounds | target | | |\n|---|---|---|---|---|---|"


Clock = Callable[[], float]
CPU: Clock = time.thread_time
"""Seconds of computing, for candidates that only compute: what else the machine does then counts for neither."""


def seconds(run: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    """How long one run takes."""
    start = clock()
    run()
    return clock() - start


def side_by_side(
    name: str,
    ours: Callable[[], object],
    base: Callable[[], object],
    target: float,
    *,
    rounds: int = 31,
    at_least: bool = False,
    inverse: bool = False,
    warm_up: int = 2,
    clock: Clock = time.perf_counter,
) -> Ratio:
    """Time two candidates in turn. ``inverse`` gives base / ours, for "how many times faster"."""
    for _ in range(warm_up):
        ours()
        base()
    pairs = [(seconds(base, clock), seconds(ours, clock)) for _ in range(rounds)]
    return from_pairs(name, pairs, target, at_least=at_least, inverse=inverse)


def from_pairs(
    name: str,
    pairs: Sequence[tuple[float, float]],
    target: float,
    *,
    at_least: bool = False,
    inverse: bool = False,
    what: str = "",
) -> Ratio:
    """Sum up rounds of (base seconds, our seconds)."""
    found = [(base / ours) if inverse else (ours / base) for base, ours in pairs]
    detail = f"ours {_duration([ours for _, ours in pairs])}, base {_duration([base for base, _ in pairs])}{what}"
    return from_ratios(name, found, target, at_least=at_least, detail=detail)


def from_ratios(name: str, found: Sequence[float], target: float, *, at_least: bool = False, detail: str = "") -> Ratio:
    """Sum up the ratios of the rounds."""
    if len(found) < 4:
        return Ratio(name, statistics.median(found), min(found), max(found), target, at_least, detail)
    low, middle, high = statistics.quantiles(found, n=4)
    return Ratio(name, middle, low, high, target, at_least, detail)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _duration(values: Sequence[float]) -> str:
    middle = statistics.median(values)
    return f"{_figures(middle * 1e3)} ms" if middle < 2 else f"{middle:.1f} s"


def _figures(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
