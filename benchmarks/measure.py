"""Ratios, measured side by side: every round runs each candidate once, in turn; the median of the rounds' ratios counts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """One line of the table."""

    name: str
    value: float
    low: float
    high: float
    target: float
    at_least: bool = False
    """The target is a floor; otherwise a ceiling."""
    detail: str = ""

    @property
    def met(self) -> bool:
        return self.value >= self.target if self.at_least else self.value <= self.target

    def row(self) -> str:
        """The line as Markdown."""
        sign = "≥" if self.at_least else "≤"
        mark = "met" if self.met else "**not met**"
        return f"| {self.name} | {self.value:.2f} | {self.low:.2f} to {self.high:.2f} | {sign} {self.target:g} | {mark} | {self.detail} |"


HEAD = "| ratio | measured | middle half of the rounds | target | | |\n|---|---|---|---|---|---|"


def seconds(run: Callable[[], object]) -> float:
    """How long one run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def side_by_side(
    name: str,
    ours: Callable[[], object],
    base: Callable[[], object],
    target: float,
    *,
    rounds: int = 31,
    at_least: bool = False,
    inverse: bool = False,
) -> Ratio:
    """Time two candidates in turn. ``inverse`` gives base / ours, for "how many times faster"."""
    for _ in range(2):
        ours()
        base()
    pairs = [(seconds(base), seconds(ours)) for _ in range(rounds)]
    found = [(one / other) if inverse else (other / one) for one, other in pairs]
    base_ms, our_ms = (statistics.median(times) * 1e3 for times in zip(*pairs, strict=True))
    detail = f"ours {our_ms:.2f} ms, base {base_ms:.2f} ms"
    return from_ratios(name, found, target, at_least=at_least, detail=detail)


def from_ratios(name: str, found: Sequence[float], target: float, *, at_least: bool = False, detail: str = "") -> Ratio:
    """Sum up the ratios of the rounds."""
    if len(found) < 4:
        return Ratio(name, statistics.median(found), min(found), max(found), target, at_least, detail)
    low, middle, high = statistics.quantiles(found, n=4)
    return Ratio(name, middle, low, high, target, at_least, detail)
