"""What the protocols of all kinds share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import InputError
from genstudio.protocols import Reading

from ..measures.table import Table, requested_vs_achieved
from .acted import Act, did_it_act

_REPEATS = 300  # of the bootstrap
Progress = Callable[[str, float], None]
Row = dict[str, Any]


def check(emotions: Sequence[str], items: int, most: int, seeds: int) -> None:
    """Raise InputError for a plan that shows nothing."""
    if not 2 <= items <= most or seeds < 1:
        raise InputError(f"2 to {most} items and at least 1 seed are needed; got {items} and {seeds}")
    if set(emotions) - set(EKMAN) or len(set(emotions)) < 2:
        raise InputError(f"two or more of {', '.join(EKMAN)} are needed; got {', '.join(emotions)}")


def kept(reading: Reading) -> Row:
    """What of a reading goes into a row."""
    axes = {a: getattr(reading, a) for a in ("valence", "arousal", "dominance")}
    return {"categories": dict(reading.categories), **axes}


def table_of(rows: Sequence[Row], which: Callable[[Row], Row], judge: Any, source: str = "categories") -> Table:
    """Asked against what `which` picks out of every row, clustered by the row's `cluster`."""
    pairs = []
    for r in rows:
        x = which(r)
        pairs.append((
            Emotion.parse(r["asked"]),
            Reading(judge.modality, judge.name, x["valence"], x["arousal"], x["dominance"], x["categories"], source, judge.ceiling),
        ))  # fmt: skip
    return requested_vs_achieved(pairs, [r["cluster"] for r in rows], repeats=_REPEATS)


def beside(whole: Table, alone: Mapping[str, Table]) -> dict[str, dict[str, Any]]:
    """UAR of each control, its interval, and its share of the whole's."""
    out = {}
    for name, t in alone.items():
        if t.uar is not None and whole.uar is not None:
            out[name] = {
                "uar": round(t.uar.value, 4), "interval": [round(t.uar.low, 4), round(t.uar.high, 4)],
                "share": round(t.uar.value / max(whole.uar.value, 1e-9), 3),
            }  # fmt: skip
    return out


def acts_by_category(rows: Sequence[Row]) -> dict[str, Act]:
    """For every emotion: P(emotion) with it against the same seed without; and intensity 1 against 0.5 over all."""
    felt = [r for r in rows if r["asked"] != "neutral" and r["asked"] in r["full"]["categories"]]
    out = {}
    for name in dict.fromkeys(r["asked"] for r in felt):
        mine = [r for r in felt if r["asked"] == name]
        out[f"{name}: P({name})"] = _act(
            mine, lambda r: r["full"]["categories"][r["asked"]], lambda r: r["without"]["categories"][r["asked"]]
        )
    if felt:
        out["intensity 1 against 0.5: P(asked)"] = _act(
            felt, lambda r: r["full"]["categories"][r["asked"]], lambda r: r["half"]["categories"][r["asked"]]
        )
    return {k: v for k, v in out.items() if v is not None}


def acts_by_axis(rows: Sequence[Row], axis: str, least: float = 0.25) -> dict[str, Act]:
    """For every emotion whose place on an axis is not near 0: the reading moved its way, against the same seed without."""
    out = {}
    for name in dict.fromkeys(r["asked"] for r in rows if r["asked"] != "neutral"):
        place = getattr(Emotion.parse(name), axis)
        if abs(place) < least:
            continue
        sign = 1.0 if place > 0 else -1.0
        mine = [r for r in rows if r["asked"] == name]
        out[f"{name}: {axis} {'up' if sign > 0 else 'down'}"] = _act(
            mine, partial(_along, axis, sign, "full"), partial(_along, axis, sign, "without")
        )
    return {k: v for k, v in out.items() if v is not None}


def _along(axis: str, sign: float, which: str, row: Row) -> float:
    return sign * float(row[which][axis])


def _act(rows: Sequence[Row], on: Callable[[Row], float], off: Callable[[Row], float]) -> Act | None:
    if len(rows) < 2:
        return None
    return did_it_act([(on(r), off(r)) for r in rows], [r["cluster"] for r in rows])


def share(passed: Sequence[bool]) -> float:
    """0..1."""
    return round(float(np.mean(passed)), 4)
