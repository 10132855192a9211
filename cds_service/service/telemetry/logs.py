"""Logs as JSON lines with an allowlist of fields: whatever is not on it cannot get out."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

FIELDS = frozenset({"service", "status", "milliseconds", "client", "because", "topics"})
"""Fields that a log line may hold beside time, level and message. None of them is of a patient."""

_calls = logging.getLogger("cds_service.calls")


class JsonLines(logging.Formatter):
    """One JSON object a line; an exception is named by its type only, since its text may quote a patient."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in record.__dict__.items() if name in FIELDS}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def set_up_logs(level: str = "INFO") -> None:
    """Send this package's logs to standard error as JSON lines; other packages speak up from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("cds_service").setLevel(level)


def log_call(service: str, status: int, milliseconds: float, client: str, because: str = "") -> None:
    """Write the line of one call; of a refused one with the reason, which is a check of the token or an issue's code."""
    if _calls.isEnabledFor(logging.INFO):
        extra = {"service": service, "status": status, "milliseconds": round(milliseconds, 2), "client": client}
        _calls.info("call", extra=extra | ({"because": because} if because else {}))
