"""Prometheus metrics per service, topic, outcome and stage, added up over all worker processes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

Stage = Literal["parse", "fetch", "read", "evaluate", "respond"]
_ODD = "cds_data_not_understood"
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Meters:
    """Counts nothing: what stands in where nobody measures, and the shape of what does."""

    def called(self, service: str, status: int, seconds: float) -> None:
        """One call was answered."""

    def took(self, stage: Stage, seconds: float) -> None:
        """One stage of a call was done."""

    def shown(self, service: str, topic: str, indicator: str) -> None:
        """One card went out."""

    def held_back(self, service: str, topic: str) -> None:
        """One card was due and did not go out: the cap, or a snooze."""

    def unanswered(self, topic: str, outcome: Literal["cannot tell", "failed"]) -> None:
        """One rule gave no answer."""

    def not_understood(self, need: str, problem: str, times: int = 1) -> None:
        """This kind of data held something that could not be used, or whose code no value set lists."""

    def not_understood_so_far(self) -> list[tuple[str, str, int]]:
        """Kind of data, problem and how often, since the workers started; the most frequent first."""
        return []

    def cut_short(self, service: str) -> None:
        """One call had used up its time before everything was judged."""

    def token_checked_alone(self) -> None:
        """One token was checked against what this worker alone has seen, since the store did not answer."""

    def drifting(self, cards: Sequence[tuple[str, str, str]]) -> None:
        """These cards, by service, topic and kind of drift, come twice as often as before or no longer; others do not."""

    def canary_call(self, version: Literal["canary", "elsewhere"], *, failed: bool) -> None:
        """One call was answered while a canary runs, by the version that is tried or elsewhere."""

    def canary_runs(self, version: str, running: bool) -> None:
        """This version is tried on a share of patients, or no longer."""

    def text(self) -> bytes:
        """The exposition that Prometheus reads."""
        return b""


NO_METERS = Meters()


@contextmanager
def common_meters() -> Iterator[None]:
    """Give worker processes that start within the block a common folder to count in, which goes when it ends."""
    if _FOLDER in os.environ:
        yield  # the installation's own, which it also empties
        return
    with tempfile.TemporaryDirectory(prefix="cds-service-meters-", ignore_cleanup_errors=True) as folder:
        os.environ[_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[_FOLDER]


def open_meters() -> Meters:
    """Meters of this process; those of all workers come out of any one's :meth:`Meters.text`."""
    return _PrometheusMeters()


class _PrometheusMeters(Meters):
    def __init__(self) -> None:
        # imported here, because the package looks for the common folder when it is first imported
        import prometheus_client
        from prometheus_client import multiprocess

        self._package = prometheus_client
        self._registry = prometheus_client.CollectorRegistry()
        own = None if _FOLDER in os.environ else self._registry
        if own is None:
            multiprocess.MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]
        self._calls = prometheus_client.Counter("cds_calls", "Calls answered.", ("service", "status"), registry=own)
        self._seconds = prometheus_client.Histogram(
            "cds_call_seconds", "Time to answer a call.", ("service",), registry=own, buckets=_SECONDS
        )
        self._stages = prometheus_client.Histogram(
            "cds_stage_seconds", "Time of each stage of a call.", ("stage",), registry=own, buckets=_SECONDS
        )
        self._cards = prometheus_client.Counter(
            "cds_cards", "Cards shown.", ("service", "topic", "indicator"), registry=own
        )
        self._held = prometheus_client.Counter(
            "cds_cards_held_back", "Cards held back.", ("service", "topic"), registry=own
        )
        self._gaps = prometheus_client.Counter(
            "cds_rules_unanswered", "Rules without an answer.", ("topic", "outcome"), registry=own
        )
        self._odd = prometheus_client.Counter(
            _ODD, "Data that could not be used, or is in no value set.", ("need", "problem"), registry=own
        )
        self._cut = prometheus_client.Counter(
            "cds_calls_cut_short", "Calls not judged to the end.", ("service",), registry=own
        )
        self._alone = prometheus_client.Counter(
            "cds_tokens_checked_alone", "Tokens that one worker alone has checked.", registry=own
        )
        self._drift = prometheus_client.Gauge(
            "cds_card_drift",
            "1: due twice as often as in the four weeks before, or no longer.",
            ("service", "topic", "kind"),
            registry=own,
            multiprocess_mode="livemostrecent",
        )
        self._canary_calls = prometheus_client.Counter(
            "cds_canary_calls", "Calls while a canary runs.", ("version", "failed"), registry=own
        )
        self._canary = prometheus_client.Gauge(
            "cds_canary_running", "1: this version is tried.", ("version",), registry=own, multiprocess_mode="livemax"
        )
        self._drifted: set[tuple[str, str, str]] = set()

    def drifting(self, cards: Sequence[tuple[str, str, str]]) -> None:
        gone, self._drifted = self._drifted.difference(cards), self._drifted.union(cards)
        for labels in self._drifted:
            self._drift.labels(*labels).set(labels not in gone)

    def called(self, service: str, status: int, seconds: float) -> None:
        self._calls.labels(service, str(status)).inc()
        self._seconds.labels(service).observe(seconds)

    def took(self, stage: Stage, seconds: float) -> None:
        self._stages.labels(stage).observe(seconds)

    def shown(self, service: str, topic: str, indicator: str) -> None:
        self._cards.labels(service, topic, indicator).inc()

    def held_back(self, service: str, topic: str) -> None:
        self._held.labels(service, topic).inc()

    def unanswered(self, topic: str, outcome: Literal["cannot tell", "failed"]) -> None:
        self._gaps.labels(topic, outcome).inc()

    def not_understood(self, need: str, problem: str, times: int = 1) -> None:
        self._odd.labels(need, problem).inc(times)

    def not_understood_so_far(self) -> list[tuple[str, str, int]]:
        samples = [one for family in self._registry.collect() if family.name == _ODD for one in family.samples]
        rows = [
            (one.labels["need"], one.labels["problem"], int(one.value))
            for one in samples
            if one.name == f"{_ODD}_total"
        ]
        return sorted(rows, key=lambda row: (-row[2], row))

    def cut_short(self, service: str) -> None:
        self._cut.labels(service).inc()

    def token_checked_alone(self) -> None:
        self._alone.inc()

    def canary_call(self, version: Literal["canary", "elsewhere"], *, failed: bool) -> None:
        self._canary_calls.labels(version, "yes" if failed else "no").inc()

    def canary_runs(self, version: str, running: bool) -> None:
        self._canary.labels(version).set(running)

    def text(self) -> bytes:
        return self._package.generate_latest(self._registry)
