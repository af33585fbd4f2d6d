"""Measures of numbers."""

from __future__ import annotations

import numpy as np

from .base import INF, Numbers, measure, pair


@measure(-1, 1)
def pearson(a: Numbers, b: Numbers) -> float:
    """Pearson's correlation; 0 when one side does not vary."""
    x, y = pair(a, b, 2)
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum() / size) if size > 1e-300 else 0.0


@measure(-1, 1)
def ccc(a: Numbers, b: Numbers) -> float:
    """Concordance correlation (Lin 1989): 1 only when the numbers agree, not merely rise together. Population moments."""
    x, y = pair(a, b, 2)
    size = x.var() + y.var() + (x.mean() - y.mean()) ** 2
    return float(2 * ((x - x.mean()) * (y - y.mean())).mean() / size) if size > 1e-300 else 1.0


@measure(0, INF, "lower")
def rmse(a: Numbers, b: Numbers) -> float:
    """Root mean squared error."""
    x, y = pair(a, b)
    return float(np.sqrt(((x - y) ** 2).mean()))


@measure()
def sagr(a: Numbers, b: Numbers) -> float:
    """Sign agreement: the share of pairs with the same sign (Nicolaou et al. 2011)."""
    x, y = pair(a, b)
    return float((np.sign(x) == np.sign(y)).mean())


@measure(-1, 1)
def control_linearity(requested: Numbers, achieved: Numbers) -> float:
    """Spearman's rank correlation between what was asked and what came out; ties share their mean rank."""
    x, y = pair(requested, achieved, 2)
    return pearson(_ranks(x), _ranks(y))


def _ranks(x: np.ndarray) -> np.ndarray:
    _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[place]
