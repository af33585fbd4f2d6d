"""Which lever, and how much of it: a curve over strengths, read by the steering recogniser, and the choice on it.

More of a lever shows more of the emotion until it costs something else: the person, the words, what is in the picture. The choice
is what reads best among the points that keep these; near the best the weakest wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from genstudio import catalogue
from genstudio.media.files import write_text

NEAR = 0.01  # of the effect: what nobody would hear or see


@dataclass(frozen=True)
class Point:
    """effect: what the steering recogniser reads of what was asked (0..1); kept: likeness of person or content to what was made
    without the lever; words: word error rate, None where none was measured; recall: 0..1, of categories."""

    lever: str
    strength: float
    effect: float
    kept: float
    words: float | None = None
    recall: float | None = None


def choose(points: Sequence[Point], least: float, most_words: float | None = None) -> tuple[Point, str]:
    """The point to use, and why. least: likeness that has to stay; most_words: the highest word error rate.

    Where no point keeps enough, the one that keeps most is taken, and said so.

    >>> curve = [Point("after", s, e, k) for s, e, k in ((0.5, 0.3, 0.9), (1.0, 0.5, 0.8), (1.5, 0.6, 0.4))]
    >>> choose(curve, least=0.5)[0].strength
    1.0
    """
    good = [
        p for p in points
        if p.kept >= least and (most_words is None or p.words is None or p.words <= most_words)
    ]  # fmt: skip
    if not good:
        return max(
            points, key=lambda p: (p.kept, -p.strength)
        ), "nothing stayed like enough: the point that stayed most"
    best = max(p.effect for p in good)
    return min(
        (p for p in good if p.effect >= best - NEAR), key=lambda p: p.strength
    ), "read best of what stayed like enough"


def keep(key: str, kind: str, points: Sequence[Point], chosen: Point, why: str, **facts: Any) -> dict[str, Any]:
    """Put curve and choice under the weights' fingerprint into the user's cache; kind: 'own', 'cloned', 'pictures'. Returns them.

    `strengths` has each lever's own best, for a user who names the lever and no strength.
    """
    levers = list(dict.fromkeys(p.lever for p in points))
    found = {
        "lever": chosen.lever, "strength": chosen.strength, "why": why,
        "strengths": {
            x: choose([p for p in points if p.lever == x], facts["least"], facts.get("most_words"))[0].strength for x in levers
        },
        "curve": [{k: v for k, v in asdict(p).items() if v is not None} for p in points], **facts,
    }  # fmt: skip
    path = catalogue.levers_file(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(catalogue.measured_levers(key) | {kind: found}, indent=1) + "\n")
    return found


def strength_of(found: Mapping[str, Any] | None, lever: str) -> float:
    """The strength that was measured to suit a lever; 1 where nothing was."""
    value = (found or {}).get("strengths", {}).get(lever, 1.0)
    return float(value) if isinstance(value, (int, float)) and 0 <= value <= 4 else 1.0
