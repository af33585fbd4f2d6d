"""Measures between distributions and between sets of features."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import InputError

from .base import INF, Numbers, measure


def _two(p: Numbers, q: Numbers) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.asarray(p, np.float64), np.asarray(q, np.float64)
    if a.shape != b.shape or a.ndim != 1 or (a < 0).any() or (b < 0).any() or a.sum() <= 0 or b.sum() <= 0:
        raise InputError(f"two equally long non-negative vectors are needed; got shapes {a.shape} and {b.shape}")
    return a / a.sum(), b / b.sum()


@measure(0, INF, "lower")
def kullback_leibler(p: Numbers, q: Numbers) -> float:
    """KL(p‖q) in nats; infinite where q is 0 and p is not."""
    a, b = _two(p, q)
    here = a > 0
    if (b[here] == 0).any():
        return INF
    return float((a[here] * np.log(a[here] / b[here])).sum())


@measure(0, 1, "lower")
def jensen_shannon(p: Numbers, q: Numbers) -> float:
    """Jensen-Shannon divergence in bits: 0 equal, 1 disjoint."""
    a, b = _two(p, q)
    middle = (a + b) / 2
    return float((kullback_leibler(a, middle) + kullback_leibler(b, middle)) / (2 * np.log(2)))


@measure(0, INF, "lower")
def frechet_distance(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Fréchet distance of two sets of features [n, d], taken as Gaussians (Heusel et al. 2017)."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(len(a), len(b)) < 2:
        raise InputError(f"two arrays [n >= 2, d] are needed; got {a.shape} and {b.shape}")
    ca, cb = np.atleast_2d(np.cov(a, rowvar=False)), np.atleast_2d(np.cov(b, rowvar=False))
    values = np.linalg.eigvals(ca @ cb).real  # tr sqrt(ca cb) from the eigenvalues, which are >= 0 but for rounding
    root = np.sqrt(np.maximum(values, 0)).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * root)


@measure(0, INF)
def diversity(features: NDArray[Any]) -> float:
    """Mean Euclidean distance over all pairs of features [n, d]."""
    x = np.asarray(features, np.float64)
    if x.ndim != 2 or len(x) < 2:
        raise InputError(f"an array [n >= 2, d] is needed; got {x.shape}")
    square = (x * x).sum(1)
    apart = np.sqrt(np.maximum(square[:, None] + square - 2 * x @ x.T, 0))
    return float(apart[np.triu_indices(len(x), 1)].mean())
