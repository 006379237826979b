"""Runs, callbacks and logs in a SQLite file. What has been written survives the process being killed."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from trunkline_plugin.serving.runs import KeptCallback, Run
from trunkline_plugin.states import State

_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    trace_id TEXT PRIMARY KEY, version TEXT NOT NULL, state INTEGER NOT NULL, invoke_count INTEGER NOT NULL,
    inputs TEXT NOT NULL, context TEXT NOT NULL, storage TEXT NOT NULL, outputs TEXT NOT NULL, err TEXT NOT NULL,
    created_at REAL NOT NULL, finished_at REAL, due_at REAL, tells_end INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS runs_due ON runs (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS runs_finished ON runs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS runs_tell ON runs (trace_id) WHERE tells_end;
CREATE TABLE IF NOT EXISTS callbacks (
    number INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL, callback_id TEXT NOT NULL, data TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, at REAL NOT NULL, answer TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_lines (
    number INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL, at REAL NOT NULL, line TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS log_lines_of ON log_lines (trace_id);
"""
_COLUMNS = tuple(field.name for field in fields(Run))
_JSON = frozenset({"inputs", "context", "storage", "outputs"})
_SAVE = f"INSERT OR REPLACE INTO runs ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608


class Store:
    """Its methods may be called from any thread; each is a transaction of its own."""

    def __init__(self, path: Path | str) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._lock = threading.Lock()
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def save(self, run: Run, worked_off: int | None = None) -> None:
        """Writes a run, and takes away the callback it worked off.

        Raises:
            TypeError: its storage or outputs hold what JSON can't.
        """
        row = _row(run)
        with self._transaction() as connection:
            connection.execute(_SAVE, row)
            if worked_off is not None:
                connection.execute("DELETE FROM callbacks WHERE number = ?", (worked_off,))

    def find(self, trace_id: str) -> Run | None:
        found = self._rows(f"SELECT {', '.join(_COLUMNS)} FROM runs WHERE trace_id = ?", trace_id)  # noqa: S608
        return _run(found[0]) if found else None

    def state_of(self, trace_id: str) -> State | None:
        found = self._rows("SELECT state FROM runs WHERE trace_id = ?", trace_id)
        return State(found[0][0]) if found else None

    def due(self) -> list[tuple[str, float]]:
        """Every run that is to be polled, and when."""
        return self._rows("SELECT trace_id, due_at FROM runs WHERE due_at IS NOT NULL")

    def unfinished(self) -> int:
        return int(self._rows("SELECT count(*) FROM runs WHERE finished_at IS NULL OR tells_end")[0][0])

    def untold(self) -> list[str]:
        """Runs whose end is still to be told."""
        return [trace_id for (trace_id,) in self._rows("SELECT trace_id FROM runs WHERE tells_end")]

    def told(self, trace_id: str) -> None:
        self._run("UPDATE runs SET tells_end = 0 WHERE trace_id = ?", trace_id)

    def keep_callback(self, trace_id: str, callback_id: str, data: Any) -> None:
        self._run(
            "INSERT INTO callbacks (trace_id, callback_id, data) VALUES (?, ?, ?)",
            trace_id,
            callback_id,
            json.dumps(data),
        )

    def next_callback(self, trace_id: str) -> KeptCallback | None:
        asked = "SELECT number, trace_id, callback_id, data FROM callbacks WHERE trace_id = ? ORDER BY number LIMIT 1"
        found = self._rows(asked, trace_id)
        return KeptCallback(*found[0][:3], json.loads(found[0][3])) if found else None

    def drop_callback(self, number: int) -> None:
        self._run("DELETE FROM callbacks WHERE number = ?", number)

    def called_back(self) -> list[str]:
        """Runs with callbacks that have not been worked off."""
        return [trace_id for (trace_id,) in self._rows("SELECT DISTINCT trace_id FROM callbacks")]

    def keep_answer(self, key: str, at: float, answer: str) -> None:
        self._run("INSERT OR REPLACE INTO answers (key, at, answer) VALUES (?, ?, ?)", key, at, answer)

    def answer_to(self, key: str) -> str | None:
        """What was answered to an invocation under this key."""
        found = self._rows("SELECT answer FROM answers WHERE key = ?", key)
        return found[0][0] if found else None

    def add_line(self, trace_id: str, at: float, line: str) -> None:
        self._run("INSERT INTO log_lines (trace_id, at, line) VALUES (?, ?, ?)", trace_id, at, line)

    def lines(self, trace_id: str) -> list[str]:
        found = self._rows("SELECT line FROM log_lines WHERE trace_id = ? ORDER BY number", trace_id)
        return [line for (line,) in found]

    def forget(self, finished_before: float) -> int:
        """Removes runs that ended earlier, and lines and answers as old; answers how many runs."""
        self._run("DELETE FROM answers WHERE at < ?", finished_before)
        self._run("DELETE FROM log_lines WHERE at < ?", finished_before)
        return self._run("DELETE FROM runs WHERE finished_at < ?", finished_before)

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def _run(self, statement: str, *values: Any) -> int:
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection


def _row(run: Run) -> list[Any]:
    row = []
    for name in _COLUMNS:
        value = getattr(run, name)
        row.append(json.dumps(value) if name in _JSON else value.value if name == "state" else value)
    return row


def _run(row: tuple[Any, ...]) -> Run:
    values = dict(zip(_COLUMNS, row, strict=True))
    for name in _JSON:
        values[name] = json.loads(values[name])
    values["state"], values["tells_end"] = State(values["state"]), bool(values["tells_end"])
    return Run(**values)
