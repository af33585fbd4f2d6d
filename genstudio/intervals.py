"""How sure a number is: percentile intervals by resampling (Efron 1979), whole clusters at a time where rows belong together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import InputError


@dataclass(frozen=True)
class Interval:
    """A value and its 95 % interval (or another share); `clusters`: how many independent groups it rests on."""

    value: float
    low: float
    high: float
    clusters: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(
    statistic: Callable[..., float],
    *columns: Sequence[Any] | NDArray[Any],
    clusters: Sequence[Any] | NDArray[Any] | None = None,
    repeats: int = 1000,
    share: float = 0.95,
    seed: int | np.random.Generator = 0,
) -> Interval:
    """`statistic(*columns)` with a percentile interval from resampling whole clusters (speakers, identities), else rows.

    columns: [rows, ...] each, of one length. Draws on which the statistic is NaN (not defined) are left out.
    seed: a number, or a generator that goes on where it is. Raises InputError.

    >>> bootstrap(lambda x: float(x.mean()), [1.0, 1.0, 1.0]).low
    1.0
    """
    arrays = [np.asarray(c) for c in columns]
    n = len(arrays[0])
    if not n or any(len(a) != n for a in arrays):
        raise InputError(f"columns of one length, at least 1, are needed; got {[len(a) for a in arrays]}")
    random = np.random.default_rng(seed)
    members: list[NDArray[Any]] | None = None
    if clusters is not None:
        groups = np.unique(np.asarray(clusters), return_inverse=True)[1]
        if len(groups) != n:
            raise InputError(f"as many clusters as rows are needed; got {len(groups)} for {n}")
        order = np.argsort(groups, kind="stable")
        members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    independent = n if members is None else len(members)
    draws = []
    for _ in range(repeats):
        drawn = random.integers(0, independent, independent)
        rows = drawn if members is None else np.concatenate([members[g] for g in drawn])
        draws.append(statistic(*(a[rows] for a in arrays)))
    low, high = np.quantile([d for d in draws if not np.isnan(d)] or [np.nan], [(1 - share) / 2, (1 + share) / 2])
    return Interval(float(statistic(*arrays)), float(low), float(high), independent)
