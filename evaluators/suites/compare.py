"""Two folders of the same items against each other: paired differences with interval and significance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from genstudio.errors import InputError

from ..measures import paired_difference
from .labels import in_question, verdict
from .run import evaluate_folder

_FIGURES: dict[str, tuple[str, Callable[[Mapping[str, Any]], float | None]]] = {
    "distance": ("lower", lambda r: r.get("distance")),
    "agreement": ("higher", lambda r: r.get("agreement")),
    "right": ("higher", lambda r: r.get("right")),
    "valence": ("", lambda r: r.get("valence")),
    "arousal": ("", lambda r: r.get("arousal")),
    "dominance": ("", lambda r: r.get("dominance")),
    "wer": ("lower", lambda r: r.get("wer")),
}
_LEAST = 2


def compare(
    a: Path | str, b: Path | str, *, suite: str = "all", targets: Path | str | None = None, layout: str = "auto",
    out: Path | str | None = None, progress: Callable[[str, float], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A minus B over files of the same name and modality: mean, 95 % interval, p of a sign-flip test, both clustered by speaker or
    identity. 'better' says which side is, '' where the interval holds 0 or no direction is better. Raises InputError when
    nothing pairs.

    out: a folder that keeps both ledgers, so that a second run reads nothing anew.
    """
    rows = {}
    for side, folder in (("a", a), ("b", b)):
        place = Path(out) / side if out is not None else None
        told = (lambda stage, f, s=side: progress(f"{stage} {s}", f)) if progress is not None else None
        found = evaluate_folder(folder, place, suite=suite, targets=targets, layout=layout, progress=told)
        rows[side] = {(_stem(r["path"]), r["modality"]): r for r in found["rows"] if r.get("recogniser")}
    both = sorted(set(rows["a"]) & set(rows["b"]))
    if not both:
        raise InputError(f"no file of '{a}' has a partner of the same name in '{b}'; name the pairs alike")
    out_rows = []
    for modality in sorted({m for _, m in both}):
        keys = [k for k in both if k[1] == modality]
        classes = in_question(rows[side][k] for side in rows for k in keys)
        for side in rows:
            for k in keys:
                said_so = verdict(rows[side][k], classes)
                rows[side][k] |= {"right": None if said_so is None else float(said_so[0] == said_so[1])}
        for name, (direction, figure) in _FIGURES.items():
            pairs = [(figure(rows["a"][k]), figure(rows["b"][k]), rows["a"][k].get("cluster") or k[0]) for k in keys]
            known = [(x, y, c) for x, y, c in pairs if x is not None and y is not None]
            if len(known) < _LEAST:
                continue
            x, y, who = zip(*known, strict=True)
            difference, p = paired_difference(x, y, clusters=who)
            sure = difference.low > 0 or difference.high < 0
            better = (
                "" if not sure or not direction else "a" if (difference.value > 0) == (direction == "higher") else "b"
            )
            out_rows.append({
                "modality": modality, "figure": name, "pairs": len(known), "clusters": len(set(who)), "a": sum(x) / len(x),
                "b": sum(y) / len(y), "difference": difference.value, "interval": [difference.low, difference.high], "p": p,
                "better": better,
            })  # fmt: skip
    return {
        "a": str(a), "b": str(b), "pairs": len(both), "only_a": len(rows["a"]) - len(both), "only_b": len(rows["b"]) - len(both),
        "differences": out_rows,
    }  # fmt: skip


def _stem(path: str) -> str:
    """The name without its suffix: one system may write .wav, the other .flac."""
    head, dot, tail = path.rpartition(".")
    return head if dot and "/" not in tail and "#" not in tail else path
