"""A pool of connections to either database: eight at most, JSON in our writing, and no value of a row in an error."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, create_engine

from cds_service.service.store.json_columns import decode, encode


def open_pool(url: URL, timeout: float, connect_args: dict[str, Any], *, pre_ping: bool = False) -> Engine:
    """Open it; nobody waits longer than ``timeout`` seconds for a connection, and with ``pre_ping`` none is dead."""
    return create_engine(
        url,
        connect_args=connect_args,
        pool_size=4,
        max_overflow=4,
        pool_timeout=timeout,
        pool_pre_ping=pre_ping,
        hide_parameters=True,
        json_serializer=encode,
        json_deserializer=decode,
    )
