"""What a plugin logs, told apart by run."""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from trunkline_plugin.serving.store import Store

_run: ContextVar[str] = ContextVar("trace_id", default="-")
_LONGEST_LINE = 20_000
_LINE = "%(asctime)s %(levelname)s [%(trace_id)s] %(name)s: %(message)s"


@contextmanager
def logged_for(trace_id: str) -> Iterator[None]:
    """Whatever is logged inside belongs to this run."""
    before = _run.set(trace_id)
    try:
        yield
    finally:
        _run.reset(before)


class RunLog(logging.Handler):
    """Keeps the lines of runs in the store."""

    def __init__(self, store: Store) -> None:
        super().__init__(logging.INFO)
        self._store = store
        self.setFormatter(logging.Formatter("%(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        trace_id = _run.get()
        if trace_id == "-":
            return
        try:
            self._store.add_line(trace_id, time.time(), self.format(record)[:_LONGEST_LINE])
        except Exception:  # noqa: BLE001  a line that can't be kept must not end a run
            self.handleError(record)


def log_to_output() -> logging.Handler:
    """Lines on standard error, each with its run."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(_LINE))
    handler.addFilter(_with_run)
    return handler


def _with_run(record: logging.LogRecord) -> bool:
    record.trace_id = _run.get()
    return True
