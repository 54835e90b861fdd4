"""Structured logs: one JSON object a line, carrying the number of the request or job it belongs to.

Personal data never reaches a log: callers log codes and keys, and the formatter writes no locals.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

TRACE: ContextVar[str] = ContextVar("trace", default="")


@contextmanager
def request(trace: str) -> Iterator[None]:
    """Mark every log line written inside with `trace`: a request's number, or a job's."""
    token = TRACE.set(trace)
    try:
        yield
    finally:
        TRACE.reset(token)


class Lines(logging.Formatter):
    """Format a record as one JSON line: at, level, part, says, trace, and error when there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": record.name,
            "says": record.getMessage(),
        }
        if trace := TRACE.get():
            line["trace"] = trace
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "bancheng.web.logs.Lines"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["out"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "procrastinate.blueprints": {"level": "WARNING"},  # else every command begins with its line
        "httpx": {"level": "WARNING"},  # else every parcel of messages leaves a line
    },
}
