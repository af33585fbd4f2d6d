"""Verification: are two recordings (or pictures) of one person? Error rates over all pairs, resampled by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import InputError
from genstudio.intervals import bootstrap

_DRAWS = 300


@dataclass(frozen=True)
class IdentityCeiling:
    """How well a recogniser tells people apart that it never saw: read every similarity beside it.

    metric: 'EER', the rate at which as many pairs of one person are refused as pairs of two are accepted (0 best, 0.5 chance);
    value and 95 % interval (people resampled); same, other: mean similarity of pairs of one person and of two; threshold: the
    similarity at that rate; data: which held-out people; people, pairs: how many.
    """

    metric: str
    value: float
    interval: tuple[float, float]
    chance: float
    same: float
    other: float
    threshold: float
    data: str
    people: int
    pairs: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def eer(same: NDArray[Any], other: NDArray[Any]) -> tuple[float, float]:
    """Equal error rate of the similarities of pairs of one person and of two, and the threshold there.

    >>> eer(np.array([0.9, 0.8]), np.array([0.1, 0.2]))[0]
    0.0
    """
    scores = np.concatenate([same, other])
    labels = np.arange(len(scores)) < len(same)
    return _weighted(scores, labels, np.ones(len(scores)))


def _weighted(scores: NDArray[Any], genuine: NDArray[Any], weight: NDArray[Any]) -> tuple[float, float]:
    order = np.argsort(scores, kind="stable")
    x, w, g = scores[order], weight[order], genuine[order]
    last = np.append(np.flatnonzero(np.diff(x)), len(x) - 1)  # equal scores are refused together
    refused = np.append(0.0, np.cumsum(w * g)[last] / max(float((w * g).sum()), 1e-12))
    accepted = np.append(1.0, 1 - np.cumsum(w * ~g)[last] / max(float((w * ~g).sum()), 1e-12))
    gap = refused - accepted  # rises from -1 to 1: the rates are equal where it crosses 0
    at = int(np.searchsorted(gap, 0.0))
    share = -gap[at - 1] / max(gap[at] - gap[at - 1], 1e-12)
    value = refused[at - 1] + share * (refused[at] - refused[at - 1])
    return float(value), float(x[last[at - 1]])


def measure(
    vectors: NDArray[Any], people: Sequence[str], data: str,
    apart: Sequence[Sequence[Any]] = (), repeats: int = _DRAWS, seed: int = 0,
) -> IdentityCeiling:  # fmt: skip
    """The ceiling from unit vectors [n, d] and who each one is.

    apart: columns of labels (emotion, sentence …): a pair of one person counts only when it differs in every one of them, so
    that what was said or felt does not help; pairs of two people all count. Raises InputError with fewer than three people.
    """
    names, who = np.unique(np.asarray(people), return_inverse=True)
    if len(names) < 3:
        raise InputError(f"verification needs three people or more; got {len(names)}")
    a, b = np.triu_indices(len(who), 1)
    genuine = who[a] == who[b]
    keep = np.ones(len(a), bool)
    for column in apart:
        values = np.asarray(column)
        keep &= ~genuine | (values[a] != values[b])
    a, b, genuine = a[keep], b[keep], genuine[keep]
    if not genuine.any():
        raise InputError("no person has two recordings that may be compared")
    x = np.asarray(vectors, np.float64)
    scores = np.einsum("nd,nd->n", x[a], x[b])
    threshold = _weighted(scores, genuine, np.ones(len(scores)))[1]

    def error(drawn: NDArray[Any]) -> float:
        times = np.bincount(drawn, minlength=len(names)).astype(float)
        weight = np.where(genuine, times[who[a]], times[who[a]] * times[who[b]])
        used = weight > 0
        if not genuine[used].any() or genuine[used].all():
            return float("nan")  # nobody twice, or nobody else
        return _weighted(scores[used], genuine[used], weight[used])[0]

    found = bootstrap(error, np.arange(len(names)), repeats=repeats, seed=seed)
    return IdentityCeiling(
        "EER", round(found.value, 4), (round(found.low, 4), round(found.high, 4)), 0.5,
        round(float(scores[genuine].mean()), 3), round(float(scores[~genuine].mean()), 3), round(threshold, 3), data,
        len(names), len(scores),
    )  # fmt: skip
