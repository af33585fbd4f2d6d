"""A linear direction of emotion in an embedding space, by ridge regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
_RIDGES = (0.001, 0.01, 0.1, 1.0, 10.0)  # times the mean eigenvalue of the data
_FOLDS = 5


class Direction:
    """Embeddings [n, d] to ratings [n, 2]: (x − anchor) · weights, clipped to -1..1."""

    def __init__(self, weights: F32, anchor: F32, shift: F32, source: str) -> None:
        self.weights, self.anchor, self.shift, self.source = weights, anchor, shift, source

    @classmethod
    def fit(cls, x: F32, ratings: F32, source: str, seed: int = 0) -> Direction:
        """Ridge regression; its strength is chosen by five-fold cross-validation. x: [n, d]; ratings: [n, 2] in -1..1."""
        x, y = np.asarray(x, np.float64), np.asarray(ratings, np.float64)
        folds = np.random.default_rng(seed).permutation(len(x)) % _FOLDS
        errors = []
        for ridge in _RIDGES:
            rest = [_ridge(x[folds != f], y[folds != f], ridge) for f in range(_FOLDS)]
            errors.append(sum(((x[folds == f] @ w + b - y[folds == f]) ** 2).sum() for f, (w, b) in enumerate(rest)))
        w, _ = _ridge(x, y, _RIDGES[int(np.argmin(errors))])
        f32 = np.float32
        return cls(w.astype(f32), x.mean(0).astype(f32), y.mean(0).astype(f32), source)

    def __call__(self, x: F32) -> F32:
        return np.clip((x - self.anchor) @ self.weights + self.shift, -1, 1).astype(np.float32)

    def anchored(self, anchor: F32) -> Direction:
        """The same directions with another origin, which reads as (0, 0)."""
        return Direction(self.weights, anchor, np.zeros(2, np.float32), self.source)


def _ridge(x: NDArray[Any], y: NDArray[Any], strength: float) -> tuple[NDArray[Any], NDArray[Any]]:
    mean, centre = x.mean(0), y.mean(0)
    z, scale = x - mean, float(np.var(x, 0).sum()) * len(x) / x.shape[1] + 1e-12
    w = np.linalg.solve(z.T @ z + strength * scale * np.eye(x.shape[1]), z.T @ (y - centre))
    return w, centre - mean @ w
