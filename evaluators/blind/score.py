"""Scores blind readings against their key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from genstudio.errors import InputError, suggest
from genstudio.media.files import write_text
from genstudio.media.text import read_table

from ..measures import (
    accuracy,
    bootstrap,
    chance,
    confusion,
    krippendorff_alpha,
    majority,
    recalls,
    shuffled_labels,
    uar,
)
from ..measures.intervals import Interval
from .deal import key_of


def score(out: Path | str, key: Path | str | None = None) -> dict[str, Any]:
    """Every `answers*.csv` of a dealt folder: accuracy and UAR with 95 % intervals over clusters, recall, confusion, chance and
    shuffled labels a reader; Krippendorff's alpha between readers. Also written as blind.json there. Raises InputError."""
    out = Path(out)
    try:
        dealt = json.loads(Path(key or key_of(out)).read_text(encoding="utf-8"))
        choices, items = dealt["choices"], dealt["items"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"'{key or key_of(out)}' is no key of a blind reading; it is written beside the dealt folder"
        ) from None
    readers = {p.stem: _answers(p, choices, items) for p in sorted(out.glob("answers*.csv"))}
    readers = {k: v for k, v in readers.items() if v}
    if not readers:
        raise InputError(f"no answers in '{out}': fill answers.csv, one of {', '.join(choices)} beside every number")
    true = [i["asked"] for i in items.values()]
    clusters = [i["cluster"] for i in items.values()]
    found: dict[str, Any] = {
        "items": len(items), "clusters": len(set(clusters)), "choices": choices, "chance": round(chance(true), 4),
        "majority": round(majority(true), 4), "readers": {k: _one(true, v, clusters, choices) for k, v in readers.items()},
    }  # fmt: skip
    if len(readers) > 1:
        numbers = np.array([[choices.index(a) for a in said] for said in readers.values()], float)
        found["alpha"] = round(krippendorff_alpha(numbers), 4)
    write_text(out / "blind.json", json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return found


def _answers(path: Path, choices: list[str], items: dict[str, Any]) -> list[str]:
    """Answers in the key's order; [] when the table is still empty."""
    try:
        rows = {(r["number"] or "").strip(): (r["answer"] or "").strip().lower() for r in read_table(path)}
    except KeyError:
        raise InputError(f"'{path.name}' needs the columns number, answer") from None
    if not any(rows.values()):
        return []
    missing = [n for n in items if not rows.get(n)]
    if missing:
        raise InputError(
            f"'{path.name}' lacks answers for {', '.join(missing[:10])}{' …' if len(missing) > 10 else ''}; guess when unsure"
        )
    wrong = next((rows[n] for n in items if rows[n] not in choices), None)
    if wrong is not None:
        raise InputError(f"'{path.name}' says '{wrong}'; valid: {', '.join(choices)}{suggest(wrong, tuple(choices))}")
    return [rows[n] for n in items]


def _one(true: list[str], said: list[str], clusters: list[str], choices: list[str]) -> dict[str, Any]:
    return {
        "accuracy": _plain(bootstrap(accuracy, true, said, clusters=clusters)),
        "uar": _plain(bootstrap(uar, true, said, clusters=clusters)),
        "shuffled": _plain(shuffled_labels(uar, true, said, repeats=200)),
        "recall": {k: round(v, 4) for k, v in recalls(true, said).items()}, "confusion": confusion(true, said, choices).tolist(),
    }  # fmt: skip


def _plain(x: Interval) -> dict[str, float]:
    return {"value": round(x.value, 4), "low": round(x.low, 4), "high": round(x.high, 4)}
