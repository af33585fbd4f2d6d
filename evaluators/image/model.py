"""Regression of ratings: by a kernel over groups of features, each of which counts alike, and linear on what is in a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
class ContentAndLook:
    """y(x) = offset + sum over spaces ((x - mean) / std) . weights + share sum_i dual_i k(look, look_i): what is in a picture,
    linear in what a network sees, and how it looks, by the kernel of `look`. One ridge regression on the sum of both kernels.

    look: a KernelRidge whose weights are share x dual and whose offset is 0; mean, std, weights: space → [features].
    """

    look: KernelRidge
    mean: dict[str, F64]
    std: dict[str, F64]
    weights: dict[str, F64]
    offset: float

    def __call__(self, x: dict[str, NDArray[Any]]) -> F64:
        """x: group → [n, features], the spaces among them → ratings [n]."""
        content: Any = sum(
            (np.asarray(x[s], np.float64) - self.mean[s]) / self.std[s] @ w for s, w in self.weights.items()
        )
        return np.asarray(content + self.look(x) + self.offset)


def fit_both(
    x: dict[str, NDArray[Any]], y: NDArray[Any], spaces: tuple[str, ...], groups: tuple[str, ...], gain: float,
    share: float, ridge: float,
) -> ContentAndLook:  # fmt: skip
    """x: group → [n, features]; y: ratings [n]; spaces: read linearly, each counting alike; groups: read by the kernel, whose
    share beside them is `share`."""
    mean = {s: np.asarray(x[s], np.float64).mean(0) for s in spaces}
    std = {s: np.asarray(x[s], np.float64).std(0) + 1e-3 for s in spaces}
    scaled = {s: (x[s] - mean[s]) / std[s] for s in spaces}
    size = {s: scaled[s].shape[1] * len(spaces) for s in spaces}
    look = fit(x, y, groups, gain, ridge)
    k = sum(a @ a.T / size[s] for s, a in scaled.items()) + share * kernel(look.points, look.points, gain)
    dual = np.linalg.solve(k + ridge * np.eye(len(y)), y - y.mean())
    weights = {s: a.T @ dual / size[s] for s, a in scaled.items()}
    return ContentAndLook(replace(look, weights=share * dual, offset=0.0), mean, std, weights, float(y.mean()))
