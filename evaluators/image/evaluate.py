"""Held-out figures of the image recognisers: `python -m genstudio.evaluators.image.evaluate --role score`.

Pearson r over OASIS in five folds by theme (pictures of one theme never stand on both sides; stricter than random folds,
whose figure is given too), and with each of the four categories held out whole. Intervals by bootstrap over themes. `painted`:
the held-out photographs brushed, and flattened in a way never learned from.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..measures import bootstrap, ccc, pearson, rmse
from . import patches
from .axes import AXES, Groups, fit_axes, read_pictures, stack, versions
from .data import Pictures, clusters, oasis


def figures(
    role: str, x: dict[str, Groups] | None, pixels: list[NDArray[np.uint8]], pictures: Pictures, seed: int = 0
) -> dict[str, Any]:
    """x: features of each version when they do not depend on the fold; None: the dictionary is learned anew in each."""
    random = np.random.default_rng(seed).permutation(len(pixels)) % 5
    category = np.unique(pictures.category, return_inverse=True)[1]
    out: dict[str, Any] = {"pictures": len(pixels), "rater_ceiling": _rater_ceiling(pictures)}
    for name, fold in (("themes", pictures.fold), ("random", random), ("categories", category)):
        guesses = {v: {a: np.zeros(len(pixels)) for a in AXES} for v in x or ("photo",)}
        for k in np.unique(fold):
            train, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
            part = x
            if part is None:
                dictionary = patches.learn([pixels[i] for i in train], seed)
                part = {"photo": stack([patches.features(p, dictionary) for p in pixels])}
            for a, m in fit_axes(role, part, pictures, train).items():
                for v, groups in part.items():
                    guesses[v][a][test] = m({g: f[test] for g, f in groups.items()})
        guess = guesses["photo"]
        out[name] = {}
        for a in AXES:
            truth = getattr(pictures, a)
            found = bootstrap(pearson, guess[a], truth, clusters=clusters(pictures.themes), repeats=1000)
            inside = [pearson(guess[a][fold == k], truth[fold == k]) for k in np.unique(fold)]
            out[name][a] = {
                "pearson": round(found.value, 4), "interval": [round(found.low, 4), round(found.high, 4)],
                "pearson_within_folds": round(float(np.mean(inside)), 4), "ccc": round(ccc(guess[a], truth), 4),
                "rmse": round(rmse(guess[a], truth), 4), "rmse_of_the_mean": round(float(truth.std()), 4),
            }  # fmt: skip
        if name == "themes":
            out["painted"] = {
                v: {a: round(pearson(g[a], getattr(pictures, a)), 3) for a in AXES}
                for v, g in guesses.items()
                if v != "photo"
            }
            out["category"] = {
                str(c): {
                    a: round(pearson(guess[a][pictures.category == c], getattr(pictures, a)[pictures.category == c]), 3)
                    for a in AXES
                }
                for c in np.unique(pictures.category)
            }
    return out


def _rater_ceiling(pictures: Pictures) -> dict[str, float]:
    """Correlation of the mean rating with the mean of as many other raters: reliability from the spread over raters."""
    out = {}
    for a in AXES:
        noise = float((getattr(pictures, f"sd_{a}") ** 2 / pictures.raters).mean())
        out[a] = round(1 - noise / float(getattr(pictures, a).var()), 4)
    return out


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=("score", "steer"), default="score")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    args = parser.parse_args(argv)
    pictures = oasis(args.data)
    pixels = read_pictures(pictures)
    x = versions(pixels) if args.role == "score" else None
    print(json.dumps(figures(args.role, x, pixels, pictures), indent=1))


if __name__ == "__main__":
    main()
