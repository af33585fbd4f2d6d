"""Held-out figures of a text recogniser: `python -m genstudio.evaluators.text.evaluate --role score`."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion.norms import GOEMOTIONS
from genstudio.intervals import bootstrap

from .data import emobank, goemotions
from .model import EmotionText, encode, predict


def tune_thresholds(labels: NDArray[Any], probabilities: NDArray[Any]) -> list[float]:
    """For each label the probability from which on it is said, of best F1 on these sentences."""
    grid = np.linspace(0.03, 0.8, 78)
    out = []
    for k in range(labels.shape[1]):
        f1 = [_f1(labels[:, k] > 0, probabilities[:, k] >= t) for t in grid]
        smooth = np.convolve(np.pad(f1, 2, mode="edge"), np.ones(5) / 5, "valid")
        out.append(round(float(grid[int(np.argmax(smooth))]), 3))
    return out


def _f1(true: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    hit = float((true & said).sum())
    return 2 * hit / max(float(true.sum() + said.sum()), 1.0)


def figures(
    model: EmotionText, config: dict[str, Any], data: Path, repeats: int = 500, half: bool = False
) -> dict[str, Any]:
    """Macro-F1 and per-label F1 on GoEmotions test; Pearson r on EmoBank test; 95 % intervals by bootstrap.

    Intervals: over sentences for GoEmotions (comments carry no author), over documents for EmoBank.
    """
    random = np.random.default_rng(0)
    test = goemotions(data, "test")
    probabilities, _ = predict(model, encode(test.texts), half=half)
    said = probabilities.numpy() >= np.array(config["thresholds"])
    true = test.labels > 0
    n = len(true)

    def macro(t: NDArray[np.bool_], s: NDArray[np.bool_]) -> float:
        hits = (t & s).sum(0)
        return float(np.mean(2 * hits / np.maximum(t.sum(0) + s.sum(0), 1)))

    found = bootstrap(macro, true, said, repeats=repeats, seed=random)
    rates = true.mean(0)
    chance = float(np.mean(2 * rates * 0.5 / (rates + 0.5)))  # a fair coin for each label
    rated = emobank(data, "test")
    _, vad = predict(model, encode(rated.texts), half=half)
    axes = {}
    for a, axis in enumerate(("valence", "arousal", "dominance")):
        x, y = vad[:, a].numpy(), rated.vad[:, a]
        r = bootstrap(
            lambda a, b: float(np.corrcoef(a, b)[0, 1]), x, y, clusters=rated.documents, repeats=repeats, seed=random
        )
        axes[axis] = {"pearson": _r(r.value), "interval": [_r(r.low), _r(r.high)]}
    return {
        "macro_f1": _r(found.value),
        "macro_f1_interval": [_r(found.low), _r(found.high)],
        "macro_f1_chance": _r(chance),
        "f1": {name: _r(_f1(true[:, k], said[:, k])) for k, name in enumerate(GOEMOTIONS)},
        "count": {name: int(true[:, k].sum()) for k, name in enumerate(GOEMOTIONS)},
        "emobank": axes,
        "sentences": {"goemotions_test": n, "emobank_test": len(rated.texts)},
    }


def _r(x: Any) -> float:
    return round(float(x), 4)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=("score", "steer"), default="score")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    args = parser.parse_args(argv)
    from .evaluator import TextEvaluator

    recogniser = TextEvaluator.load(args.role)
    print(json.dumps(figures(recogniser.model, recogniser.config, args.data), indent=1))


if __name__ == "__main__":
    main()
