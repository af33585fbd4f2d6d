"""Stretches of one emotion, from probabilities over time or from a requested curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion import EKMAN, EmotionCurve
from genstudio.errors import InputError

LEAST = 0.3  # seconds: shorter stretches join their neighbour
_STEP = 0.02


@dataclass(frozen=True)
class Segment:
    """emotion: one of the seven; start, end: seconds; certainty: mean probability of it there, 0..1."""

    emotion: str
    start: float
    end: float
    certainty: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def segments_of(
    times: Sequence[float], posterior: NDArray[Any], end: float, least: float = LEAST
) -> tuple[Segment, ...]:
    """times [n]: where each row of posterior [n, 7] begins, seconds; end: of the last. Short stretches join the longer
    neighbour."""
    p = np.asarray(posterior, float)
    if len(times) != len(p) or not len(p):
        raise InputError(f"as many times as readings, at least one, are needed; got {len(times)} and {len(p)}")
    label = p.argmax(1)
    edges = [*map(float, times), float(end)]
    runs: list[list[float]] = []  # label, start, end
    for k, (a, b) in enumerate(pairwise(edges)):
        if runs and runs[-1][0] == label[k]:
            runs[-1][2] = b
        else:
            runs.append([int(label[k]), a, b])
    while len(runs) > 1:
        k = min(range(len(runs)), key=lambda i: runs[i][2] - runs[i][1])
        if runs[k][2] - runs[k][1] >= least:
            break
        beside = [i for i in (k - 1, k + 1) if 0 <= i < len(runs)]
        to = max(beside, key=lambda i: runs[i][2] - runs[i][1])
        runs[to][1], runs[to][2] = min(runs[to][1], runs[k][1]), max(runs[to][2], runs[k][2])
        del runs[k]
        runs = _joined(runs)
    out = []
    starts = np.asarray(edges[:-1])
    for index, a, b in runs:
        inside = (starts >= a - 1e-9) & (starts < b - 1e-9)
        out.append(Segment(EKMAN[int(index)], round(a, 3), round(b, 3), round(float(p[inside, int(index)].mean()), 4)))
    return tuple(out)


def _joined(runs: list[list[float]]) -> list[list[float]]:
    out: list[list[float]] = []
    for r in runs:
        if out and out[-1][0] == r[0]:
            out[-1][2] = r[2]
        else:
            out.append(list(r))
    return out


def wanted(curve: EmotionCurve, end: float) -> tuple[Segment, ...]:
    """What a curve over seconds asks for, by its strongest of the seven, up to `end`."""
    times = np.arange(0, max(end, _STEP), _STEP)
    asked = curve.sample([float(t) + _STEP / 2 for t in times])
    p = np.array([[e.ekman()[k] for k in EKMAN] for e in asked])
    return segments_of(list(times), p, end, least=0.0)
