"""FER-2013 as a few image files, small enough to carry to a training machine, and back.

    python -m genstudio.evaluators.face.pack --data DIR --cache .cache/pack/face

Faces lie in WebP mosaics of 40 × 40; `labels.npz` holds labels, ids and the count. A train pixel changes by about 4 grey
levels (root mean square), far less than the augmentation.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import MissingDataError

TILES = 40
U8 = NDArray[Any]  # uint8


def fer_split(data: Path, split: str) -> tuple[U8, U8, NDArray[np.int32]]:
    """FER-2013's own files. split: 'train' or 'public_test' → images [n, 48, 48], labels [n], ids [n]."""
    path = Path(data) / "fer2013" / f"{split}.npz"
    if not path.is_file():
        raise MissingDataError(
            f"FER-2013 is missing at {path}: get it from Kaggle (challenges-in-representation-learning) and see docs/data"
        )
    held = np.load(path)
    return held["images"], held["labels"], held["ids"]


def mosaic(images: U8) -> list[U8]:
    """Faces [n, s, s] → sheets [rows·s, 40·s], the last one padded with black."""
    side = images.shape[-1]
    sheets = []
    for first in range(0, len(images), TILES * TILES):
        part = images[first : first + TILES * TILES]
        rows = -(-len(part) // TILES)
        full = np.zeros((rows * TILES, side, side), np.uint8)
        full[: len(part)] = part
        sheets.append(full.reshape(rows, TILES, side, side).transpose(0, 2, 1, 3).reshape(rows * side, TILES * side))
    return sheets


def unmosaic(sheet: U8, side: int) -> U8:
    """A sheet [rows·s, 40·s] → faces [rows·40, s, s]."""
    rows = sheet.shape[0] // side
    return sheet.reshape(rows, side, TILES, side).transpose(0, 2, 1, 3).reshape(-1, side, side)


def prepare(data: Path, cache: Path, quality: tuple[int, int] = (74, 88)) -> None:
    """Write the pack. quality: WebP quality for train and for PublicTest."""
    import cv2

    cache.mkdir(parents=True, exist_ok=True)
    tables: dict[str, NDArray[Any]] = {}
    for split, q in zip(("train", "public_test"), quality, strict=True):
        images, labels, ids = fer_split(data, split)
        tables |= {f"{split}_labels": labels, f"{split}_ids": ids}
        for k, sheet in enumerate(mosaic(images)):
            cv2.imwrite(str(cache / f"{split}_{k:02d}.webp"), sheet, [cv2.IMWRITE_WEBP_QUALITY, q])
    np.savez_compressed(cache / "labels.npz", **tables)  # type: ignore[arg-type]


def load(cache: Path, split: str) -> tuple[U8, NDArray[np.int64], NDArray[np.int32]]:
    """Read a pack. → images [n, 48, 48], labels [n], ids [n]."""
    import cv2

    held = np.load(cache / "labels.npz")
    labels, ids = held[f"{split}_labels"], held[f"{split}_ids"]
    sheets: list[Any] = [cv2.imread(str(p), cv2.IMREAD_GRAYSCALE) for p in sorted(cache.glob(f"{split}_*.webp"))]
    images = np.concatenate([unmosaic(s, 48) for s in sheets])[: len(labels)]
    if len(images) != len(labels):
        raise MissingDataError(f"{cache} holds {len(images)} faces for {len(labels)} labels: prepare it again")
    return images, labels.astype(np.int64), ids


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="genstudio.evaluators.face.pack", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--cache", type=Path, default=Path(".cache/pack/face"))
    args = parser.parse_args(argv)
    prepare(args.data, args.cache)
    for split in ("train", "public_test"):
        images, _, _ = load(args.cache, split)
        real = fer_split(args.data, split)[0]
        error = np.sqrt(((images.astype(np.float32) - real) ** 2).mean())
        print(f"{split}: {len(images)} faces, error {error:.2f} grey levels (root mean square)", file=sys.stderr)
    size = sum(p.stat().st_size for p in args.cache.iterdir()) / 1e6
    print(f"{args.cache}: {size:.1f} MB", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
