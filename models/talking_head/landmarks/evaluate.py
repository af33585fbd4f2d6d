"""Measure the face finder on people and pictures it never saw.

    python -m genstudio.models.talking_head.landmarks.evaluate --data DIR [--weights FILE] [--sheets DIR] [--quick]

Held-out London identities (plain, grey, rolled, shrunk, noisy, and turned by rendering their fitted faces), their smiling
pictures, FER-2013 PublicTest, and OASIS pictures without people (fold 0). NME: mean point error over the distance of the
outer eye corners. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .finder import FaceFinderNet
from .fit import fit_london, load_model
from .geometry import apply
from .pack import london, people_free, read_rgb

F32 = NDArray[np.float32]
U8 = NDArray[Any]  # uint8, which OpenCV's own types do not say
PARTS = {"jaw": range(17), "brows": range(17, 27), "nose": range(27, 36), "eyes": range(36, 48), "mouth": range(48, 68)}


def nme(found: F32, true: F32) -> F32:
    """Error of each point over the inter-ocular distance, [68]."""
    return np.linalg.norm(found - true, axis=1) / np.linalg.norm(true[45] - true[36])  # type: ignore[no-any-return]


def turned(image: U8, points: F32, degrees: float, scale: float = 1.0) -> tuple[U8, F32]:
    """The picture rolled about its face, on a canvas of its size times scale."""
    h, w = image.shape[:2]
    centre = points.mean(0)
    m = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), degrees, scale)
    m[:, 2] += np.array([w, h]) * scale / 2 - centre
    size = round(w * scale), round(h * scale)
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    if scale < 1:
        image = cv2.GaussianBlur(image, (0, 0), 0.4 / scale)
    return cv2.warpAffine(image, m, size, flags=flags, borderMode=cv2.BORDER_REFLECT), apply(
        m.astype(np.float32), points
    )


def best(finder: FaceFinderNet, image: U8, points: F32) -> F32 | None:
    """Points of the found face that lies on the true one."""
    centre = points.mean(0)
    radius = np.sqrt(((points - centre) ** 2).sum(1).mean())
    for face in finder(image):
        if np.linalg.norm(face.landmarks.mean(0) - centre) < 0.6 * radius:
            return face.landmarks
    return None


def summary(errors: list[F32], tried: int) -> dict[str, Any]:
    out: dict[str, Any] = {"tried": tried, "found": len(errors)}
    if errors:
        all_ = np.stack(errors)
        out |= {"nme": round(float(all_.mean()), 4), "nme_p90": round(float(np.quantile(all_.mean(1), 0.9)), 4)}
        out |= {name: round(float(all_[:, list(part)].mean()), 4) for name, part in PARTS.items()}
    return out


def measure(data: Path, finder: FaceFinderNet, sheets: Path | None = None, quick: bool = False) -> dict[str, Any]:
    """All figures."""
    from .render import draw, sheet, stage

    model = load_model(data)
    people = london(data, held_out=True)
    people = people[:6] if quick else people
    fits = [fit_london(model, p) for _, _, p in people]
    rng = np.random.default_rng(7)
    results: dict[str, Any] = {}
    shown: list[tuple[U8, F32]] = []
    variants: dict[str, Any] = {
        "plain": lambda i, p: (i, p),
        "grey": lambda i, p: (np.repeat(cv2.cvtColor(i, cv2.COLOR_RGB2GRAY)[..., None], 3, -1), p),
        "roll +15": lambda i, p: turned(i, p, 15),
        "roll -30": lambda i, p: turned(i, p, -30),
        "roll +30": lambda i, p: turned(i, p, 30),
        "160 pixels": lambda i, p: turned(i, p, 0, 0.25),
        "noisy, dark": lambda i, p: (np.clip(i * 0.35 + rng.normal(0, 12, i.shape), 0, 255).astype(np.uint8), p),
    }
    for name, change in variants.items():
        errors = []
        for (_, photo, _), fit in zip(people, fits, strict=True):
            image, points = change(photo, fit.points)
            found = best(finder, image, points)
            if found is not None:
                errors.append(nme(found, points))
            shown.append((image, found if found is not None else np.zeros((0, 2), np.float32)))
        results[f"London held out, {name}"] = summary(errors, len(people))
    cast = [(photo, fit, stage(model, fit)) for (_, photo, _), fit in zip(people, fits, strict=True)]
    grounds = [cv2.resize(read_rgb(p), (160, 160)) for p in people_free(data, held_out=True)[:40]]
    by_yaw: dict[str, tuple[list[F32], list[int]]] = {}
    for _ in range(20 if quick else 120):
        a = int(rng.integers(len(cast)))
        image, points = draw(model, cast[a], cast[a], grounds[int(rng.integers(len(grounds)))], rng, 288)
        nose = (points[30] - points[[36, 45]].mean(0))[0] / np.linalg.norm(points[45] - points[36])
        key = (
            "renders, near front"
            if abs(nose) < 0.22
            else "renders, turned"
            if abs(nose) < 0.55
            else "renders, far turned"
        )
        errors, count = by_yaw.setdefault(key, ([], []))
        count.append(1)
        found = best(finder, image, points)
        if found is not None:
            errors.append(np.linalg.norm(found - points, axis=1) / (1.17 * _radius(points)))
        shown.append((image, found if found is not None else np.zeros((0, 2), np.float32)))
    results |= {k: summary(e, len(c)) for k, (e, c) in sorted(by_yaw.items())}
    smiles = [data / "london" / "smiling" / f"{name}.jpg" for name, _, _ in people]
    smiles = [p for p in smiles if p.is_file()]
    hits = 0
    for path in smiles:
        image = read_rgb(path)
        faces = finder(image)
        hits += bool(faces)
        shown.append((image, faces[0].landmarks if faces else np.zeros((0, 2), np.float32)))
    results["London held out, smiling"] = {"tried": len(smiles), "found": hits}
    wild = np.load(data / "fer2013" / "public_test.npz")["images"][:: 60 if quick else 8]
    wild = [x for x in wild if x.std() > 20]
    hits = 0
    for k, x in enumerate(wild):
        image = cv2.copyMakeBorder(
            cv2.resize(x, (144, 144), interpolation=cv2.INTER_CUBIC), 40, 40, 40, 40, cv2.BORDER_REFLECT
        )
        image = np.repeat(image[..., None], 3, -1)
        faces = finder(image)
        hits += bool(faces)
        if k < 96:
            shown.append((image, faces[0].landmarks if faces else np.zeros((0, 2), np.float32)))
    results["FER-2013 PublicTest"] = {"tried": len(wild), "found": hits}
    empty = people_free(data, held_out=True)
    empty = empty[:20] if quick else empty
    wrong: list[str] = []
    start = time.perf_counter()
    for path in empty:
        image = read_rgb(path)
        faces = finder(image)
        if faces:
            wrong.append(path.stem)
            shown.append((image, faces[0].landmarks))
    results["OASIS without people"] = {
        "tried": len(empty),
        "false": len(wrong),
        "ms": round((time.perf_counter() - start) / len(empty) * 1000, 1),
        "pictures": wrong,
    }
    if sheets:
        sheets.mkdir(parents=True, exist_ok=True)
        tiles = [_tile(i, p) for i, p in shown]
        for k in range(0, len(tiles), 72):
            page = sheet(tiles[k : k + 72], across=12)
            cv2.imwrite(str(sheets / f"found_{k // 72}.png"), cv2.cvtColor(page, cv2.COLOR_RGB2BGR))
    return results


def _radius(points: F32) -> float:
    return float(np.sqrt(((points - points.mean(0)) ** 2).sum(1).mean()))


def _tile(image: U8, points: F32, side: int = 160) -> U8:
    """A square thumbnail around the points."""
    if len(points):
        c, r = points.mean(0), _radius(points)
        m = np.array([[side / 3.8 / r, 0, 0], [0, side / 3.8 / r, 0]], np.float32)
        m[:, 2] = side / 2 - m[:, :2] @ c
    else:
        h, w = image.shape[:2]
        m = np.array([[side / w, 0, 0], [0, side / h, 0]], np.float32)
    tile = cv2.warpAffine(image, m, (side, side), flags=cv2.INTER_AREA)
    for x, y in apply(m, points) if len(points) else ():
        cv2.circle(tile, (round(float(x)), round(float(y))), 1, (0, 255, 0), -1)
    return tile  # type: ignore[return-value]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="genstudio.models.talking_head.landmarks.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--weights", type=Path, default=None)
    parser.add_argument("--sheets", type=Path, default=None, help="folder for pictures of what was found")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    print(json.dumps(measure(args.data, FaceFinderNet.load(args.weights), args.sheets, args.quick), indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
