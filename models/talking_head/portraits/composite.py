"""Makes the demo portraits: `python -m genstudio.models.talking_head.portraits.composite --data DIR --out DIR`.

Portraits of one group are brought to their mean shape by a thin-plate spline over the set's 189 landmarks; the pixel-wise median
follows. The mean would leave ghosts of hair and collars; the median gives crisp ones, and a face that is nobody's.
"""

from __future__ import annotations

import argparse
import csv
import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

from genstudio.errors import MissingDataError

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {  # name: gender and ethnicities in london_info.csv
    "portrait_1": ("female", ("white",)),
    "portrait_2": ("male", ("white",)),
    "portrait_3": ("female", ("east_asian", "west_asian")),
    "portrait_4": ("male", ("black",)),
    "portrait_5": ("female", ("black", "west_asian")),
    "portrait_6": ("male", ("east_asian", "west_asian")),
}
MOST = 16  # people in one portrait


def read_person(folder: Path, face_id: str) -> tuple[F32, F64]:
    """Image float32 [h, w, 3] BGR and landmarks [189, 2] in pixels."""
    image = cv2.imread(str(folder / f"{face_id}.jpg"))
    if image is None:
        raise MissingDataError(f"{folder / face_id}.jpg cannot be read")
    points = np.loadtxt(folder / f"{face_id}.pts.csv", delimiter=",", skiprows=1)
    return image.astype(np.float32), points


def mean_shape(shapes: F64, rounds: int = 3) -> F64:
    """Generalised Procrustes mean [P, 2] of shapes [N, P, 2]."""
    reference = shapes.mean(0)
    for _ in range(rounds):
        aligned = []
        for shape in shapes:
            centred, target = shape - shape.mean(0), reference - reference.mean(0)
            u, s, vt = np.linalg.svd(centred.T @ target)
            aligned.append(s.sum() / (centred**2).sum() * centred @ (u @ vt) + reference.mean(0))
        reference = np.mean(aligned, 0)
    return reference


def warp(image: F32, points: F64, target: F64, cell: int = 4) -> F32:
    """`image` [h, w, 3] with its landmarks moved to `target`, borders held."""
    h, w = image.shape[:2]
    rim = [(x, y) for x in np.linspace(0, w - 1, 7) for y in (0, h - 1)]
    rim += [(x, y) for x in (0, w - 1) for y in np.linspace(0, h - 1, 7)[1:-1]]
    source, goal = np.r_[points, rim], np.r_[target, rim]
    keep = np.unique(goal.round(1), axis=0, return_index=True)[1]
    spline = RBFInterpolator(goal[keep], (source - goal)[keep], kernel="thin_plate_spline", smoothing=2.0)
    y, x = np.mgrid[0:h:cell, 0:w:cell]
    coarse = spline(np.c_[x.ravel(), y.ravel()].astype(float)).reshape(*y.shape, 2).astype(np.float32)
    offset = cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC)
    gx, gy = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    moved = cv2.remap(
        image, gx + offset[..., 0], gy + offset[..., 1], cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.float32)


def composite(people: list[tuple[F32, F64]]) -> NDArray[np.uint8]:
    """The median of people's images [h, w, 3] at their mean shape."""
    target = mean_shape(np.stack([points for _, points in people]))
    median = np.median([warp(image, points, target) for image, points in people], 0)
    return np.clip(median + 0.5, 0, 255).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    folder = args.data / "london"
    if not (folder / "london_info.csv").is_file():
        raise MissingDataError(
            f"the London set is not in {folder}; get it from https://doi.org/10.6084/m9.figshare.5047666"
        )
    with (folder / "london_info.csv").open() as file:
        rows = list(csv.DictReader(file))
    args.out.mkdir(parents=True, exist_ok=True)
    for name, (gender, groups) in GROUPS.items():
        ids = [r["face_id"] for r in rows if r["face_gender"] == gender and r["face_eth"] in groups]
        ids = [i for i in ids if (folder / "neutral" / f"{i}.jpg").is_file()][:MOST]
        people = [read_person(folder / "neutral", i) for i in ids]
        cv2.imwrite(str(args.out / f"{name}.jpg"), composite(people), [cv2.IMWRITE_JPEG_QUALITY, 92])
        print(f"{name}: {len(people)} people")


if __name__ == "__main__":
    main()
