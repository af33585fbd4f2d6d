"""The ledger: a SQLite file in the batch's folder that knows what is done, so that a killed run goes on where it was."""

from __future__ import annotations

import errno
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from genstudio.batch.manifest import Job
from genstudio.errors import InputError, OutputError
from genstudio.media.files import explained

NAME = "ledger.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  hash TEXT PRIMARY KEY, number INTEGER NOT NULL, kind TEXT NOT NULL, fields TEXT NOT NULL, output TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting', error TEXT, row TEXT, seconds REAL, finished REAL);
"""


class Ledger:
    """Jobs by content hash; states waiting, done, failed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise explained(self.path, error) from None
        try:
            with self._writing():
                self._db = sqlite3.connect(self.path, isolation_level=None)
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            raise InputError(f"'{self.path}' is not a ledger: {error}; use another folder") from None

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(self, jobs: Iterable[Job]) -> None:
        """Enter jobs; those known already keep their state, number and output."""
        rows = [(j.hash, j.number, j.kind, json.dumps(j.fields, ensure_ascii=False), j.output) for j in jobs]
        with self._writing():
            self._db.executemany(
                "INSERT OR IGNORE INTO jobs (hash, number, kind, fields, output) VALUES (?,?,?,?,?)", rows
            )

    def waiting(self) -> list[tuple[Job, str]]:
        """Jobs not done, in order, with their output names; failed ones are tried again."""
        rows = self._db.execute(
            "SELECT number, kind, fields, output FROM jobs WHERE state != 'done' ORDER BY number"
        ).fetchall()
        return [(Job(n, k, json.loads(f)), out) for n, k, f, out in rows]

    def done(self, job: Job, row: dict[str, Any], seconds: float) -> None:
        """A job is finished, its file in place."""
        self._finish(job, "done", None, row, seconds)

    def failed(self, job: Job, error: str, row: dict[str, Any], seconds: float) -> None:
        """A job failed; the others go on."""
        self._finish(job, "failed", error, row, seconds)

    def _finish(self, job: Job, state: str, error: str | None, row: dict[str, Any], seconds: float) -> None:
        values = (state, error, json.dumps(row, ensure_ascii=False), seconds, time.time(), job.hash)
        with self._writing():
            self._db.execute("UPDATE jobs SET state=?, error=?, row=?, seconds=?, finished=? WHERE hash=?", values)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Raises OutputError where the file cannot be written or the disk is full."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "full" in str(error):
                raise explained(self.path, OSError(errno.ENOSPC, "")) from None
            raise OutputError(f"cannot write '{self.path}': {error}") from None

    def counts(self) -> dict[str, int]:
        """Jobs by state."""
        return dict(self._db.execute("SELECT state, COUNT(*) FROM jobs GROUP BY state").fetchall())

    def rows(self) -> list[dict[str, Any]]:
        """The result row of every job that ran, in order."""
        rows = self._db.execute("SELECT row FROM jobs WHERE row IS NOT NULL ORDER BY number").fetchall()
        return [json.loads(r) for (r,) in rows]
