"""Measure the recognisers on FER-2013 PublicTest.

    python -m genstudio.evaluators.face.evaluate --data DIR [--role score|steer] [--weights FOLDER] [--write]

Prints accuracy with a 95 % bootstrap interval, per-class figures, confusion and calibration. With --write the temperature is
fitted and the figures go into ROLE.json beside the weights: they are the ceiling every Reading carries.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.weights import load_weights

from .evaluator import WEIGHTS, FaceEvaluator
from .net import CLASSES, build
from .pack import fer_split

F32 = NDArray[np.float32]


def ece(p: F32, labels: NDArray[np.int64], bins: int = 15) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over equal-width bins."""
    top, right = p.max(1), p.argmax(1) == labels
    which = np.minimum((top * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(top[which == b].mean() - right[which == b].mean()) * (which == b).mean()
            for b in range(bins)
            if (which == b).any()
        )
    )


def fit_temperature(logits: F32, labels: NDArray[np.int64]) -> float:
    """The temperature of least cross-entropy."""
    z, y = torch.from_numpy(logits), torch.from_numpy(labels)
    grid = np.exp(np.linspace(np.log(0.3), np.log(3), 200))
    return float(grid[int(np.argmin([float(torch.nn.functional.cross_entropy(z / t, y)) for t in grid]))])


def softmax(z: F32) -> F32:
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)  # type: ignore[no-any-return]


def interval(right: NDArray[np.bool_], rounds: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of a mean."""
    rng = np.random.default_rng(seed)
    n = len(right)
    means = rng.binomial(n, right.mean(), rounds) / n  # resampling a 0/1 mean is a binomial draw
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


@torch.inference_mode()
def test_logits(role: str, folder: Path, data: Path) -> tuple[F32, NDArray[np.int64], float]:
    """Mean logits of each PublicTest face and its mirror image, labels, and faces a second."""
    images, labels, _ = fer_split(data, "public_test")
    net = load_weights(build(role), folder / f"{role}.safetensors")
    plain = FaceEvaluator(net, role, {"accuracy": 0, "interval": (0, 0)})
    start = time.perf_counter()
    p = plain.probabilities(images)
    return np.log(np.maximum(p, 1e-9)), labels.astype(np.int64), len(images) / (time.perf_counter() - start)


def measure(logits: F32, labels: NDArray[np.int64]) -> dict[str, Any]:
    """All figures. Temperatures are fitted on one half and tried on the other for the calibration error."""
    guess = logits.argmax(1)
    k = len(CLASSES)
    confusion = np.zeros((k, k), int)
    np.add.at(confusion, (labels, guess), 1)
    recall = confusion.diagonal() / confusion.sum(1)
    precision = confusion.diagonal() / np.maximum(confusion.sum(0), 1)
    first = np.arange(len(labels)) % 2 == 0
    crossed = np.empty_like(logits)
    for part in (first, ~first):
        crossed[part] = softmax(logits[part] / fit_temperature(logits[~part], labels[~part]))
    right = guess == labels
    return {
        "data": "FER-2013 PublicTest",
        "count": len(labels),
        "accuracy": float(right.mean()),
        "interval": interval(right),
        "chance": 1 / k,
        "majority": float(np.bincount(labels).max() / len(labels)),
        "uar": float(recall.mean()),
        "temperature": fit_temperature(logits, labels),
        "ece_raw": ece(softmax(logits), labels),
        "ece_calibrated_crossed": ece(crossed, labels),
        "classes": {
            name: {"count": int(confusion[i].sum()), "recall": float(recall[i]), "precision": float(precision[i])}
            for i, name in enumerate(CLASSES)
        },
        "confusion": confusion.tolist(),
    }


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="genstudio.evaluators.face.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--role", choices=("score", "steer"), action="append")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args(argv)
    for role in args.role or ["score", "steer"]:
        logits, labels, speed = test_logits(role, args.weights, args.data)
        facts = measure(logits, labels)
        if args.write:
            (args.weights / f"{role}.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        print(json.dumps({"role": role, "faces_per_second": round(speed, 1), **facts}))
        print(f"{role}: accuracy {facts['accuracy']:.4f}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
