"""What the rows of a suite say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from genstudio.errors import InputError

from ..measures import (
    bootstrap,
    ccc,
    chance,
    confusion,
    control_linearity,
    macro_f1,
    majority,
    recalls,
    shuffled_labels,
    uar,
)
from ..measures.intervals import Interval
from .labels import in_question, verdict

AXES = ("valence", "arousal", "dominance")
_REPEATS = 500
_LEAST = 3  # rows an axis needs


def summarise(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts, errors, and for each modality and recogniser: confusion, recall a class, UAR with its interval clustered by speaker
    or identity, chance, majority, shuffled labels, share of the ceiling, axes (CCC, Spearman), distance, word error rate."""
    good = [r for r in rows if r.get("recogniser")]
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for r in good:
        groups.setdefault((r["modality"], r["recogniser"]), []).append(r)
    return {
        "read": len(good), "failed": len(rows) - len(good),
        "errors": [{"path": r["path"], "error": r["error"]} for r in rows if r.get("error")][:200],
        "results": [_group(m, name, part) for (m, name), part in groups.items()],
    }  # fmt: skip


def _group(modality: str, recogniser: str, rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    facts = rows[0].get("ceiling_facts") or {}
    clusters = [str(r.get("cluster") or i) for i, r in enumerate(rows)]
    out: dict[str, Any] = {
        "modality": modality, "recogniser": recogniser, "count": len(rows), "clusters": len(set(clusters)),
        "ceiling": facts, "vad_source": rows[0].get("vad_source"), "categories": _categories(rows, clusters, facts),
        "axes": _axes(rows, clusters),
    }  # fmt: skip
    distances = [r["distance"] for r in rows if r.get("distance") is not None]
    if distances:
        out["distance"] = _plain(
            bootstrap(_mean, distances, clusters=_of(rows, clusters, "distance"), repeats=_REPEATS)
        )
    rates = [r["wer"] for r in rows if r.get("wer") is not None]
    if rates:
        out["wer"] = _plain(bootstrap(_mean, rates, clusters=_of(rows, clusters, "wer"), repeats=_REPEATS))
    return out


def _of(rows: list[Mapping[str, Any]], clusters: list[str], name: str) -> list[str]:
    return [c for r, c in zip(rows, clusters, strict=True) if r.get(name) is not None]


def _categories(rows: list[Mapping[str, Any]], clusters: list[str], facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """None when the recogniser names no classes or nothing it names was asked. beyond: files of categories it has no name for."""
    pairs = []
    classes = in_question(rows)
    beyond: Counter[str] = Counter()
    for r, c in zip(rows, clusters, strict=True):
        said_so = verdict(r, classes)
        if said_so:
            pairs.append((*said_so, c))
        elif r.get("target_category") and r.get("categories"):
            beyond[r["target_category"]] += 1
    if not pairs:
        return None
    true, said, who = (list(x) for x in zip(*pairs, strict=True))
    known = [k for k in classes if k in set(true) | set(said)]
    shown = {k: true.count(k) for k in known if k in true}
    found = bootstrap(uar, true, said, clusters=who, repeats=_REPEATS)
    by_chance = chance(true) if len(set(true)) > 1 else 1.0
    ceiling = facts.get("value")
    comparable = facts.get("metric") in ("UAR", "accuracy") and len(set(true)) > 1
    share = round(found.value / ceiling, 3) if ceiling and comparable else None
    return {
        "classes": known, "counts": shown, "beyond": dict(beyond), "confusion": confusion(true, said, known).tolist(),
        "recall": {k: round(v, 4) for k, v in recalls(true, said).items()}, "uar": _plain(found),
        "macro_f1": round(macro_f1(true, said), 4), "chance": round(by_chance, 4), "majority": round(majority(true), 4),
        "shuffled": _plain(shuffled_labels(uar, true, said, repeats=100)), "share_of_ceiling": share,
    }  # fmt: skip


def _axes(rows: list[Mapping[str, Any]], clusters: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for axis in AXES:
        pairs = [
            (r[f"target_{axis}"], r[axis], c)
            for r, c in zip(rows, clusters, strict=True)
            if r.get(f"target_{axis}") is not None and r.get(axis) is not None
        ]
        if len(pairs) < _LEAST or len({p[0] for p in pairs}) < 2:
            out[axis] = None
            continue
        want, got, who = zip(*pairs, strict=True)
        try:
            out[axis] = {
                "spearman": _plain(bootstrap(control_linearity, want, got, clusters=who, repeats=_REPEATS)),
                "ccc": round(float(ccc(want, got)), 4), "bias": round(float(np.mean(np.subtract(got, want))), 4),
            }  # fmt: skip
        except InputError:  # a reading that never varies
            out[axis] = None
    return out


def _mean(x: Any) -> float:
    return float(np.mean(x))


def _plain(x: Interval) -> dict[str, Any]:
    return {"value": round(x.value, 4), "interval": [round(x.low, 4), round(x.high, 4)]}
