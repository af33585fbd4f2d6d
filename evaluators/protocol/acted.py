"""Did a control act? The same seed with and without it, read alike."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from genstudio.errors import InputError

from ..measures import Interval, paired_difference

LEAST = 6  # sign flips of fewer clusters cannot fall below p = 0.05


@dataclass(frozen=True)
class Act:
    """difference: mean of with − without, in the unit of the reading; d: Cohen's d of the pairs (mean ÷ their sd).

    d is None where all pairs differ by one amount. p: two-sided, sign flips of clusters.
    verdict: 'acted', 'acted the wrong way', 'no measurable effect' or 'too few to tell'.
    """

    difference: Interval
    d: float | None
    p: float
    pairs: int
    verdict: str


def did_it_act(
    pairs: Sequence[tuple[float, float]], clusters: Sequence[Hashable] | None = None, repeats: int = 2000, seed: int = 0
) -> Act:
    """Judge readings (with, without) of one seed each, such as P(target); more must mean more of the control.

    clusters: the voice or face of each pair; at least 6 are needed for a verdict. Raises InputError on bad pairs.
    """
    table = np.asarray(pairs, np.float64)
    if table.ndim != 2 or table.shape[1] != 2 or len(table) < 2 or not np.isfinite(table).all():
        raise InputError(f"two or more pairs of finite readings (with, without) are needed; got shape {table.shape}")
    if clusters is not None and len(clusters) != len(table):
        raise InputError(f"as many clusters as pairs are needed; got {len(clusters)} for {len(table)}")
    groups = None
    if clusters is not None:
        index: dict[Hashable, int] = {}
        groups = [index.setdefault(c, len(index)) for c in clusters]
    difference, p = paired_difference(table[:, 0], table[:, 1], groups, repeats, seed)
    apart = table[:, 0] - table[:, 1]
    spread = float(apart.std(ddof=1))
    d = float(apart.mean()) / spread if spread > 1e-12 else None
    if difference.clusters < LEAST:
        verdict = "too few to tell"
    elif p >= 0.05 or difference.low <= 0 <= difference.high:
        verdict = "no measurable effect"
    else:
        verdict = "acted" if difference.value > 0 else "acted the wrong way"
    return Act(difference, d, p, len(table), verdict)
