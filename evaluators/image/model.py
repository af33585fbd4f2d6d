"""Regression of ratings: linear on one group of features, or by a kernel over several, each of which counts alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class KernelRidge:
    """y(x) = mean + sum_i a_i exp(-gain d(x, x_i) / 2), d the mean over groups of squared distance per feature.

    groups: names; mean, std: of the training features, by group; points: standardised training features, by group;
    weights: [n]; offset: mean rating.
    """

    groups: tuple[str, ...]
    gain: float
    mean: dict[str, F64]
    std: dict[str, F64]
    points: dict[str, F64]
    weights: F64
    offset: float

    def scaled(self, x: dict[str, NDArray[Any]]) -> dict[str, F64]:
        return {g: _scaled(x[g], self.mean[g], self.std[g]) for g in self.groups}

    def __call__(self, x: dict[str, NDArray[Any]]) -> F64:
        """x: group → [n, features] → ratings [n]."""
        return kernel(self.scaled(x), self.points, self.gain) @ self.weights + self.offset


def _scaled(x: NDArray[Any], mean: F64, std: F64) -> F64:
    return np.clip((np.asarray(x, np.float64) - mean) / std, -4, 4) / np.sqrt(len(mean))


def kernel(a: dict[str, F64], b: dict[str, F64], gain: float) -> F64:
    """[n, m] similarities."""
    apart: Any = 0.0
    for g in b:
        apart = apart + (a[g] ** 2).sum(1)[:, None] + (b[g] ** 2).sum(1) - 2 * a[g] @ b[g].T
    return np.exp(-gain * np.maximum(apart / len(b), 0) / 2)


def fit(x: dict[str, NDArray[Any]], y: NDArray[Any], groups: tuple[str, ...], gain: float, ridge: float) -> KernelRidge:
    """x: group → [n, features]; y: ratings [n]."""
    mean = {g: np.asarray(x[g], np.float64).mean(0) for g in groups}
    std = {g: np.asarray(x[g], np.float64).std(0) + 1e-4 for g in groups}
    points = {g: _scaled(x[g], mean[g], std[g]) for g in groups}
    k = kernel(points, points, gain)
    weights = np.linalg.solve(k + ridge * np.eye(len(y)), y - y.mean())
    return KernelRidge(groups, gain, mean, std, points, weights, float(y.mean()))


@dataclass(frozen=True)
class LinearRidge:
    """y(x) = offset + ((x - mean) / std) . weights. groups: the one group it takes; mean, std, weights: [features]."""

    groups: tuple[str, ...]
    mean: F64
    std: F64
    weights: F64
    offset: float

    def __call__(self, x: dict[str, NDArray[Any]]) -> F64:
        """x: group → [n, features] → ratings [n]."""
        return np.asarray(
            (np.asarray(x[self.groups[0]], np.float64) - self.mean) / self.std @ self.weights + self.offset
        )


def fit_linear(x: dict[str, NDArray[Any]], y: NDArray[Any], group: str, ridge: float) -> LinearRidge:
    """x: group → [n, features]; y: ratings [n]. ridge: a feature's share, so that their number does not matter."""
    a = np.asarray(x[group], np.float64)
    mean, std = a.mean(0), a.std(0) + 1e-3
    a = (a - mean) / std
    dual = np.linalg.solve(a @ a.T / a.shape[1] + ridge * np.eye(len(y)), y - y.mean())
    return LinearRidge((group,), mean, std, a.T @ dual / a.shape[1], float(y.mean()))
