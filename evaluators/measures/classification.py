"""Measures of categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import InputError

from .base import Labels, Numbers, measure


def confusion(true: Labels, said: Labels, classes: Sequence[Any] | None = None) -> NDArray[np.int64]:
    """Counts [true class, said class], classes sorted unless given.

    >>> confusion(["a", "a", "b"], ["a", "b", "b"]).tolist()
    [[1, 1], [0, 1]]
    """
    true, said = list(true), list(said)
    if len(true) != len(said) or not true:
        raise InputError(f"as many true as said labels are needed, at least one; got {len(true)} and {len(said)}")
    names = sorted(set(true) | set(said)) if classes is None else list(classes)
    place = {name: i for i, name in enumerate(names)}
    unknown = (set(true) | set(said)) - set(place)
    if unknown:
        raise InputError(f"labels {sorted(map(str, unknown))} are none of the classes {names}")
    out = np.zeros((len(names), len(names)), np.int64)
    np.add.at(out, ([place[t] for t in true], [place[s] for s in said]), 1)
    return out


def recalls(true: Labels, said: Labels) -> dict[Any, float]:
    """Recall of each class that occurs among the true labels."""
    names = sorted(set(true) | set(said))
    table = confusion(true, said, names)
    return {n: float(row[i] / row.sum()) for i, (n, row) in enumerate(zip(names, table, strict=True)) if row.sum()}


@measure()
def accuracy(true: Labels, said: Labels) -> float:
    """Share of labels that are right."""
    table = confusion(true, said)
    return float(np.trace(table) / table.sum())


@measure()
def uar(true: Labels, said: Labels) -> float:
    """Unweighted average recall (balanced accuracy): the mean over the true classes of the share found."""
    return float(np.mean(list(recalls(true, said).values())))


def _f1(true: Labels, said: Labels) -> tuple[NDArray[Any], NDArray[Any]]:
    table = confusion(true, said)
    total = table.sum(0) + table.sum(1)
    return 2 * np.diag(table) / np.maximum(total, 1), table.sum(1)


@measure()
def macro_f1(true: Labels, said: Labels) -> float:
    """Mean F1 over the classes that occur in either sequence."""
    return float(_f1(true, said)[0].mean())


@measure()
def weighted_f1(true: Labels, said: Labels) -> float:
    """Mean F1 weighted by the count of each true class."""
    f1, count = _f1(true, said)
    return float((f1 * count).sum() / count.sum())


@measure(better="lower")
def calibration_error(correct: Sequence[bool] | NDArray[Any], confidence: Numbers, bins: int = 15) -> float:
    """Expected calibration error: mean gap between confidence (0..1) and accuracy over equally wide bins (Guo et al. 2017)."""
    hit, sure = np.asarray(correct, np.float64), np.asarray(confidence, np.float64)
    if hit.shape != sure.shape or hit.size == 0 or sure.min() < 0 or sure.max() > 1:
        raise InputError("as many confidences within 0..1 as judgements are needed, at least one")
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gap = 0.0
    for b in np.unique(place):
        here = place == b
        gap += float(here.mean()) * abs(float(hit[here].mean()) - float(sure[here].mean()))
    return gap


def chance(true: Labels) -> float:
    """UAR of guessing: one over the number of classes."""
    return 1.0 / len(set(true))


def majority(true: Labels) -> float:
    """Accuracy of always saying the most frequent class."""
    _, counts = np.unique(np.asarray(list(true)), return_counts=True)
    return float(counts.max() / counts.sum())


def rogan_gladen(said_share: Numbers, table: NDArray[Any]) -> NDArray[np.float64]:
    """True shares of the classes behind what an imperfect recogniser said (Rogan & Gladen 1978, for several classes).

    said_share: [classes] share of outputs read as each class. table: confusion counts [true, said] of that recogniser on
    real, labelled data. Returns shares [classes], 0..1, sum 1: the least-squares solution on the simplex.
    """
    from scipy.optimize import nnls

    q = np.asarray(said_share, np.float64)
    rates = np.asarray(table, np.float64)
    if rates.shape != (len(q), len(q)) or (rates.sum(1) <= 0).any():
        raise InputError(f"a confusion table of {len(q)} classes with every class seen is needed; got {rates.shape}")
    rates = rates / rates.sum(1, keepdims=True)
    heavy = 1e3  # weight of the row that asks for a sum of one
    solution, _ = nnls(np.vstack([rates.T, heavy * np.ones(len(q))]), np.append(q / q.sum(), heavy))
    return solution / solution.sum()
