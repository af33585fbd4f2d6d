"""Draw and pack the training pictures of the face finder and the landmark network.

    python -m genstudio.models.talking_head.landmarks.pack --data DIR --cache .cache/pack/landmarks [--renders 2600]

Writes WebP mosaics (`renders`, `london`, `grounds`, `fer`) and `tables.npz` (points, faces, the mean 3D shape). London
identities of `splits.london_holdout` and OASIS themes of fold 0 stay out; so do OASIS pictures of people.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import MissingDataError
from genstudio.splits import london_holdout, oasis_fold

from .fit import fit_london, load_model
from .geometry import apply, crop_matrix, radius_of

F32 = NDArray[np.float32]
U8 = NDArray[Any]  # uint8, which OpenCV's own types do not say
STORE = 144
GROUND = 160
FER_EYES_MOUTH = np.array([[15.4, 17.8], [32.6, 17.8], [24.0, 38.4]], np.float32)
"""Eyes and mouth of FER-2013's mean face in its 48 pixels."""


def read_rgb(path: Path) -> U8:
    import cv2

    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise MissingDataError(f"cannot read {path}: --data must hold london/, oasis/, fer2013/ and ict_facekit/")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)  # type: ignore[return-value]


def london(data: Path, held_out: bool) -> list[tuple[str, U8, F32]]:
    """(identity, RGB, [189, 2] points) of the neutral portraits, in or out of training."""
    out = []
    for path in sorted((data / "london" / "neutral").glob("*.jpg")):
        if london_holdout(path.stem) == held_out:
            points = np.genfromtxt(path.with_suffix(".pts.csv"), delimiter=",", skip_header=1).astype(np.float32)
            out.append((path.stem, read_rgb(path), points))
    if not out:
        raise MissingDataError(f"no portraits in {data / 'london'}: get the Face Research Lab London Set (CC BY 4.0)")
    return out


def people_free(data: Path, held_out: bool) -> list[Path]:
    """OASIS pictures whose category is not Person, of the training themes or of fold 0."""
    with open(data / "oasis" / "OASIS.csv", newline="", encoding="utf-8") as f:
        rows = [r for r in csv.DictReader(f) if r["Category"] != "Person"]
    folder = data / "oasis" / "images"
    paths = [folder / f"{r['Theme'].strip()}.jpg" for r in rows if (oasis_fold(r["Theme"].strip()) == 0) == held_out]
    return [p for p in paths if p.is_file()]


def learned_animals(data: Path) -> list[Path]:
    """Pictures of fold 0 with an odd number: dogs, which no other fold shows, that `animals` learns from; the even ones measure."""
    numbers = {p: p.stem.split()[-1] for p in people_free(data, held_out=True)}
    return [p for p, n in numbers.items() if n.isdigit() and int(n) % 2]


def square(image: U8, side: int) -> U8:
    import cv2

    h, w = image.shape[:2]
    s = min(h, w)
    y, x = (h - s) // 2, (w - s) // 2
    return cv2.resize(image[y : y + s, x : x + s], (side, side), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def fer_circle(mean_points: F32) -> F32:
    """Centre x, y and radius of the face in FER-2013's 48 pixels, from the mean portrait's 68 points."""
    marks = np.stack([mean_points[36:42].mean(0), mean_points[42:48].mean(0), mean_points[48:68].mean(0)])
    a = marks - marks.mean(0)
    b = FER_EYES_MOUTH - FER_EYES_MOUTH.mean(0)
    scale = float((a * b).sum() / (a * a).sum())
    moved = (mean_points - marks.mean(0)) * scale + FER_EYES_MOUTH.mean(0)
    centre, radius = radius_of(moved)
    return np.array([*centre, radius], np.float32)


def write_mosaic(cache: Path, name: str, pictures: list[U8], quality: int, across: int = 12) -> None:
    import cv2

    from .render import sheet

    for k in range(0, len(pictures), across * across):
        page = sheet(pictures[k : k + across * across], across=across)
        page = page if page.ndim == 2 else cv2.cvtColor(page, cv2.COLOR_RGB2BGR)  # type: ignore[assignment]
        cv2.imwrite(str(cache / f"{name}_{k // across**2:03d}.webp"), page, [cv2.IMWRITE_WEBP_QUALITY, quality])


def read_mosaic(cache: Path, name: str, side: int, count: int, across: int = 12) -> U8:
    """→ [count, side, side, 3] RGB."""

    out = []
    for path in sorted(cache.glob(f"{name}_*.webp")):
        page = read_rgb(path)
        rows = page.shape[0] // side
        out.append(page.reshape(rows, side, across, side, 3).transpose(0, 2, 1, 3, 4).reshape(-1, side, side, 3))
    return np.concatenate(out)[:count]


def prepare(data: Path, cache: Path, renders: int, seed: int = 0) -> None:
    import cv2

    from .render import MARGIN, draw, stage

    cache.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    model = load_model(data)
    grounds = [square(read_rgb(p), GROUND) for p in people_free(data, held_out=False)]
    cast: list[Any] = []
    real, real_points, means = [], [], []
    smiles, smile_circles = [], []
    for name, photo, p in london(data, held_out=False):
        fit = fit_london(model, p)
        cast.append((photo, fit, stage(model, fit)))
        centre, radius = radius_of(fit.points)
        m = crop_matrix(centre, radius, 0.0, STORE, MARGIN)
        real.append(cv2.warpAffine(photo, m, (STORE, STORE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE))
        real_points.append(apply(m, fit.points))
        means.append((fit.points - centre) / radius)
        smiling = data / "london" / "smiling" / f"{name}.jpg"
        if smiling.is_file():
            smiles.append(
                cv2.warpAffine(
                    read_rgb(smiling), m, (STORE, STORE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
                )
            )
            smile_circles.append([(STORE - 1) / 2, (STORE - 1) / 2, STORE / 2 / MARGIN])
    print(f"{len(cast)} portraits fitted, {len(grounds)} grounds read", file=sys.stderr, flush=True)
    mean3 = (model.neutral[model.landmarks] * np.array([1, -1, 1], np.float32)).astype(np.float32)
    pictures, points = [], []
    start = time.time()
    for k in range(renders):
        a, b = rng.integers(0, len(cast), 2)
        image, q = draw(model, cast[a], cast[b], grounds[rng.integers(len(grounds))], rng, STORE)
        pictures.append(image)
        points.append(q)
        if k % 50 == 49:
            left = (time.time() - start) / (k + 1) * (renders - k - 1)
            print(f"{k + 1}/{renders} drawn, {left:.0f} s left", file=sys.stderr, flush=True)
    wild = np.load(data / "fer2013" / "train.npz")["images"]
    some = rng.choice(len(wild), 1800, replace=False)
    some = np.array([i for i in some if wild[i].std() > 20])
    fer = [wild[i] for i in some]
    write_mosaic(cache, "renders", pictures, 74)
    write_mosaic(cache, "london", real + smiles, 86)
    write_mosaic(cache, "grounds", grounds, 60)
    write_mosaic(cache, "fer", fer, 60, across=40)
    mean2 = np.mean(means, 0).astype(np.float32)
    np.savez_compressed(
        cache / "tables.npz",
        renders=np.round(np.array(points) * 64).astype(np.int16),  # 64ths of a pixel
        london=np.array(real_points, np.float32),
        smiles=np.array(smile_circles, np.float32),
        grounds=np.array(len(grounds)),
        fer=np.array(len(fer)),
        fer_circle=fer_circle(mean2),
        mean3=mean3,
        mean2=mean2,
    )
    cv2.imwrite(
        str(cache.parent / "landmarks_sheet.png"),
        cv2.cvtColor(_look(pictures[:40] + real[:8], points[:40] + real_points[:8]), cv2.COLOR_RGB2BGR),
    )


def _look(pictures: list[U8], points: list[F32]) -> U8:
    from .render import sheet

    return sheet(pictures, points, 8, 2)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="genstudio.models.talking_head.landmarks.pack", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--cache", type=Path, default=Path(".cache/pack/landmarks"))
    parser.add_argument("--renders", type=int, default=2600)
    args = parser.parse_args(argv)
    prepare(args.data, args.cache, args.renders)
    print(f"{sum(p.stat().st_size for p in args.cache.iterdir()) / 1e6:.1f} MB in {args.cache}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
