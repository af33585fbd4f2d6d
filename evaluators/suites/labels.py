"""Which category was asked of a file, and which one its reader says, among those in question."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from genstudio.emotion import EKMAN

Row = Mapping[str, Any]


def in_question(rows: Iterable[Row]) -> tuple[str, ...]:
    """The canonical seven, then every other category that was asked and that its reader names (boredom of a reader of EmoDB)."""
    more = {r["target_category"] for r in rows if r.get("target_category") in _read(r)} - set(EKMAN)
    return EKMAN + tuple(sorted(more))


def verdict(row: Row, classes: Iterable[str]) -> tuple[str, str] | None:
    """(asked, said): said is the reader's strongest of the classes. None without a target, without categories, or when the reader
    has no name for what was asked: it is never counted as a neighbour."""
    read = _read(row)
    known = [k for k in classes if k in read]
    asked = row.get("target_category")
    return (asked, max(known, key=lambda k: read[k])) if asked in known else None


def _read(row: Row) -> dict[str, float]:
    said = row.get("categories")
    return json.loads(said) if said else {}
