"""The whole service in this process, in development mode, with a store in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cds_service.service.application import Application, application, prepare
from cds_service.service.settings import Settings

SECRET = "for-tests-only-1234"
Make = Callable[..., Application]
"""Starts a whole service with these settings, which is closed when the test ends."""


@contextmanager
def whole_service(folder: Path, *more: Any, **settings: Any) -> Iterator[Application]:
    """Start it with these settings, and with ``more`` of what :func:`application` takes; close it at the end."""
    store = {"store_url": f"sqlite:///{folder}/store.sqlite3", "store_secret": SECRET}
    made = application(prepare(Settings.model_validate(store | settings)), *more)
    try:
        yield made
    finally:
        made.close()
