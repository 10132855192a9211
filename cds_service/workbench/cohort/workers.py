"""Where tasks run: in this process, on all its cores, or on an existing Dask cluster. Results keep the order of the tasks."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")

_CONTEXT: dict[str, Any] = {}


class Workers(Protocol):
    """Runs one function over many tasks; ``context`` is handed to each worker once."""

    def run(self, function: Callable[[C, T], R], context: C, tasks: Iterable[T]) -> Iterator[R]:
        """Give the results in the order of the tasks."""
        ...


@contextmanager
def open_workers(workers: int | None = None, cluster: str = "") -> Iterator[Workers]:
    """Choose who works: a cluster when ``dask://host:port`` is named, else so many processes (all cores by default)."""
    gc.freeze()  # the knowledge is no garbage: it is not walked again and again, and stays shared with those who are forked
    try:
        if cluster:
            with _dask_client(cluster) as client:
                yield _Cluster(client)
        else:
            count = workers or os.cpu_count() or 1
            yield _Alone() if count == 1 else _Cores(count)
    finally:
        gc.unfreeze()


class _Alone:
    def run(self, function: Callable[[C, T], R], context: C, tasks: Iterable[T]) -> Iterator[R]:
        return (function(context, task) for task in tasks)


class _Cores:
    def __init__(self, count: int) -> None:
        self._count = count

    def run(self, function: Callable[[C, T], R], context: C, tasks: Iterable[T]) -> Iterator[R]:
        methods = multiprocessing.get_all_start_methods()
        # a fork shares the loaded knowledge; it is safe here, since the command line runs no threads of its own
        processes = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        with processes.Pool(self._count, _take, (context,)) as pool:
            yield from pool.imap(partial(_with_context, function), tasks)


class _Cluster:
    """Sends no more tasks than the cluster can hold at a time: a huge cohort does not pile up at the scheduler."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def run(self, function: Callable[[C, T], R], context: C, tasks: Iterable[T]) -> Iterator[R]:
        shared = self._client.scatter(context, broadcast=True, hash=False)
        ahead = 4 * max(1, sum(self._client.nthreads().values()))
        waiting: deque[Any] = deque()
        for task in tasks:
            waiting.append(self._client.submit(function, shared, task, pure=False))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _dask_client(cluster: str) -> Iterator[Any]:
    scheme, _, address = cluster.partition("://")
    if scheme != "dask" or not address:
        raise ValueError(f"--distributed {cluster}: write dask://HOST:PORT, the address of the cluster's scheduler")
    try:
        from distributed import Client
    except ImportError:
        raise ValueError("--distributed needs Dask: pip install 'cds-service[distributed]'") from None
    connect: Any = Client  # it has no types
    client = connect(f"tcp://{address}", set_as_default=False)
    try:
        yield client
    finally:
        client.close()


def _take(context: Any) -> None:
    _CONTEXT["context"] = context


def _with_context(function: Callable[[Any, T], R], task: T) -> R:
    return function(_CONTEXT["context"], task)
