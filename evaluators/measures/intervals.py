"""Intervals and controls: how sure a number is, and what it would be if nothing were there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.intervals import Interval, bootstrap


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
