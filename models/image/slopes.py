"""How brightness, colour, contrast and texture go with valence and arousal: in OASIS photographs of scenery, and in this
engine's pictures.

    python -m genstudio.models.image.slopes --data DATA

Photographs are compared within their theme only (all lakes, all fires), since a theme's ratings are about what it shows.
Each attribute is regressed on valence and arousal together, both on the scale -1..1 of the studio (OASIS' 1..7, 4 = 0), and
given in standard deviations of the photographs. Source of the ratings: Kurdi, Lozano and Banaji 2017.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import cv2
import numpy as np

from genstudio.emotion import Emotion
from genstudio.errors import MissingDataError
from genstudio.media.image import read_image

from .engine import COMPOSERS, WEIGHTS, ImageModel
from .evaluate import PLACES
from .scene.colour import linear, oklab

ATTRIBUTES = ("brightness", "colourfulness", "warmth", "contrast", "texture")
SIDE = 160


def attributes(pixels: np.ndarray) -> np.ndarray:
    """Float64 [5] of a uint8 RGB picture in OKLab: mean lightness, mean chroma, mean of (a + b), spread of lightness, mean
    gradient of lightness."""
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(float) / 255
    lab = oklab(linear(small).reshape(-1, 3)).reshape(SIDE, SIDE, 3)
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    gradient = np.hypot(*np.gradient(light))
    return np.array([light.mean(), np.hypot(a, b).mean(), (a + b).mean(), light.std(), gradient.mean()])


def slopes(x: np.ndarray, va: np.ndarray, groups: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Slopes [2, attributes] and their standard errors of x [n, attributes] on va [n, 2], all less their group's mean."""
    x, va = x.astype(float).copy(), va.astype(float).copy()
    names = np.array(groups)
    for g in dict.fromkeys(groups):
        rows = names == g
        x[rows] -= x[rows].mean(0)
        va[rows] -= va[rows].mean(0)
    inverse = np.linalg.inv(va.T @ va)
    beta = inverse @ va.T @ x
    free = max(1, len(x) - len(set(groups)) - 2)
    variance = ((x - va @ beta) ** 2).sum(0) / free
    return beta, np.sqrt(np.outer(np.diag(inverse), variance))


def photographs(data: Path) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Attributes, valence and arousal (-1..1) and themes of OASIS' scenery, themes of one picture left out."""
    table = data / "oasis" / "OASIS.csv"
    if not table.exists():
        raise MissingDataError(f"{table} is missing. OASIS: osf.io/6pnd7; put OASIS.csv and images/ in DATA/oasis")
    with table.open(newline="", encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["Category"] == "Scenery"]
    themes = [r["Theme"].strip().rstrip("0123456789 ") for r in rows]
    rows = [r for r, t in zip(rows, themes, strict=True) if themes.count(t) > 1]
    x = np.stack([attributes(read_image(data / "oasis" / "images" / f"{r['Theme'].strip()}.jpg")) for r in rows])
    va = np.array([[(float(r[k]) - 4) / 3 for k in ("Valence_mean", "Arousal_mean")] for r in rows])
    return x, va, [t for t in themes if themes.count(t) > 1]


def paintings(engine: ImageModel, count: int, composer: str, size: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The same of pictures of random points of the plane."""
    rng = np.random.default_rng(8)
    x, va = [], rng.uniform(-0.85, 0.85, (count, 2))
    for i, (v, a) in enumerate(va):
        feeling = Emotion.from_vad(float(v), float(a))
        x.append(attributes(engine(PLACES[i % 8], feeling, size=(size, size), seed=i, composer=composer).pixels))
    return np.stack(x), va, [PLACES[i % 8] for i in range(count)]


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(
        prog="python -m genstudio.models.image.slopes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--count", type=int, default=160, help="pictures painted")
    p.add_argument("--size", type=int, default=128)
    p.add_argument("--composer", default="learned", choices=COMPOSERS)
    p.add_argument("--weights", type=Path, default=WEIGHTS)
    a = p.parse_args(argv)
    photo, rated, themes = photographs(a.data)
    unit = photo.std(0)
    result: dict[str, object] = {"photographs": len(photo), "themes": len(set(themes)), "paintings": a.count}
    painted, asked, places = paintings(ImageModel.load(a.weights), a.count, a.composer, a.size)
    for name, (x, va, groups) in (("oasis", (photo, rated, themes)), ("painted", (painted, asked, places))):
        beta, error = slopes(x / unit, va, groups)
        for k, axis in enumerate(("valence", "arousal")):
            result[f"{name}, {axis}"] = {
                t: [round(float(beta[k, i]), 2), round(float(error[k, i]), 2)] for i, t in enumerate(ATTRIBUTES)
            }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
