"""Intervals and controls: how sure a number is, and what it would be if nothing were there."""

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
    seed: int = 0,
) -> Interval:
    """`statistic(*columns)` with a percentile interval from resampling whole clusters (speakers, identities), else rows.

    >>> bootstrap(lambda x: float(x.mean()), [1.0, 1.0, 1.0]).low
    1.0
    """
    arrays = [np.asarray(c) for c in columns]
    n = len(arrays[0])
    if not n or any(len(a) != n for a in arrays):
        raise InputError(f"columns of one length, at least 1, are needed; got {[len(a) for a in arrays]}")
    groups = np.unique(np.arange(n) if clusters is None else np.asarray(clusters), return_inverse=True)[1]
    if len(groups) != n:
        raise InputError(f"as many clusters as rows are needed; got {len(groups)} for {n}")
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    random = np.random.default_rng(seed)
    draws = []
    for _ in range(repeats):
        rows = np.concatenate([members[g] for g in random.integers(0, len(members), len(members))])
        draws.append(statistic(*(a[rows] for a in arrays)))
    low, high = np.quantile(draws, [(1 - share) / 2, (1 + share) / 2])
    return Interval(float(statistic(*arrays)), float(low), float(high), len(members))


def paired_difference(
    a: Sequence[float] | NDArray[Any], b: Sequence[float] | NDArray[Any],
    clusters: Sequence[Any] | NDArray[Any] | None = None, repeats: int = 1000, seed: int = 0,
) -> tuple[Interval, float]:  # fmt: skip
    """Mean of a − b with its interval, and the two-sided p of a sign-flip test over clusters."""
    d = np.asarray(a, np.float64) - np.asarray(b, np.float64)
    interval = bootstrap(lambda x: float(x.mean()), d, clusters=clusters, repeats=repeats, seed=seed)
    groups = np.unique(np.arange(len(d)) if clusters is None else np.asarray(clusters), return_inverse=True)[1]
    sums = np.bincount(groups, d)
    flips = np.random.default_rng(seed).choice([-1.0, 1.0], (repeats, len(sums)))
    extreme = (np.abs(flips @ sums) >= abs(sums.sum()) - 1e-12).sum()
    return interval, float((extreme + 1) / (repeats + 1))


def shuffled_labels(
    statistic: Callable[..., float], true: Sequence[Any] | NDArray[Any], said: Sequence[Any] | NDArray[Any],
    repeats: int = 200, seed: int = 0,
) -> Interval:  # fmt: skip
    """The statistic when labels are dealt at random: mean and the middle 95 %. A real effect lies outside."""
    true, said = np.asarray(true), np.asarray(said)
    random = np.random.default_rng(seed)
    draws = [statistic(random.permutation(true), said) for _ in range(repeats)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Interval(float(np.mean(draws)), float(low), float(high), len(true))
