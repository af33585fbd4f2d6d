"""Trains the lid regressors: `python -m genstudio.models.talking_head.animator.train_lids --data DIR` (about a minute on one core).

London portraits with their lid points, mirrored, blurred and brightened at random; starts displaced as a landmark network errs.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from genstudio.errors import MissingDataError
from genstudio.splits import london_holdout

from . import face_model
from .lids import LEFT, WEIGHTS, eye_frame, features, smoothed, to_eye, to_picture

F32 = NDArray[np.float32]
EYES = (
    ((18, 19, 20, 21, 22), (22, 30, 29, 28, 18)),
    ((27, 26, 25, 24, 23), (23, 31, 32, 33, 27)),
)  # London's lid points
STAGES = 3
SAMPLES = 60  # starts an eye and stage
RIDGE = 0.4


def lid_points(p: F32, upper: tuple[int, ...], lower: tuple[int, ...]) -> F32:
    """Six eye points [6, 2] from London's lid polylines, spaced as on the face model."""
    model = face_model.load()
    flat = model.neutral[model.landmarks[list(LEFT)], :2]

    def along(line: F32, like: F32) -> F32:
        s, t = (np.r_[0, np.cumsum(np.linalg.norm(np.diff(q, axis=0), axis=1))] for q in (line, like))
        return np.stack([np.interp(t / t[-1], s / s[-1], line[:, k]) for k in (0, 1)], 1).astype(np.float32)

    top = along(p[list(upper)], flat[:4])
    bottom = along(p[list(lower)], flat[[3, 4, 5, 0]])
    return np.r_[top, bottom[1:3]]


def read_eyes(data: Path) -> list[tuple[NDArray[np.uint8], F32, bool, bool]]:
    """(patch uint8 [h, w, 3], points [6, 2], mirrored, held out) of every London eye, as it stands in the picture."""
    folder = data / "london" / "neutral"
    if not folder.is_dir():
        raise MissingDataError(
            f"the London set is not in {folder}; get it from https://doi.org/10.6084/m9.figshare.5047666"
        )
    out = []
    for path in sorted(folder.glob("*.jpg")):
        image = cv2.imread(str(path))
        p = np.loadtxt(path.with_suffix("").with_suffix(".pts.csv"), delimiter=",", skiprows=1).astype(np.float32)
        for side, (upper, lower) in enumerate(EYES):
            points = lid_points(p, upper, lower)
            if image is None:
                continue
            w = float(np.linalg.norm(points[0] - points[3]))
            x0, y0 = (int(max(0, v)) for v in points.min(0) - 1.3 * w)
            patch = image[y0 : y0 + int(3.2 * w), x0 : x0 + int(3.8 * w), ::-1]
            corner = np.array([x0, y0], np.float32)
            out.append((np.ascontiguousarray(patch, np.uint8), points - corner, side == 1, london_holdout(path.stem)))
    return out


def disturb(points: F32, rng: np.random.Generator) -> F32:
    """Points as a landmark network might give them: shifted, scaled, turned and shaken."""
    size = float(np.linalg.norm(points[0] - points[3]))
    strength = rng.uniform(0.2, 1.6)
    angle = rng.normal(0, 0.05 * strength)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scale = np.exp(rng.normal(0, 0.06 * strength, 2))
    centre = points.mean(0)
    moved = (points - centre) @ turn.T * scale + centre + rng.normal(0, 0.055 * size * strength, 2)
    return (moved + rng.normal(0, 0.035 * size * strength, (6, 2))).astype(np.float32)


def light(patch: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The patch under other light and sharpness."""
    x = (patch / 255.0) ** rng.uniform(0.6, 1.6) * rng.uniform(0.6, 1.15)
    ramp = np.linspace(-1, 1, patch.shape[1])[None, :, None] * rng.uniform(-0.25, 0.25)
    x = np.clip(x * (1 + ramp), 0, 1) * 255
    if rng.random() < 0.5:
        x = np.asarray(cv2.GaussianBlur(x, (0, 0), rng.uniform(0.3, 1.6)), np.float64)
    x = x + rng.normal(0, rng.uniform(0, 5), x.shape)
    return np.clip(x, 0, 255).astype(np.uint8)


def reshape_eye(patch: NDArray[np.uint8], points: F32, rng: np.random.Generator) -> tuple[NDArray[np.uint8], F32]:
    """Another eye: narrower or wider, slanted, turned."""
    angle = rng.normal(0, 0.06)
    m = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    m = m @ np.array([[1, rng.normal(0, 0.06)], [rng.normal(0, 0.05), np.exp(rng.normal(0, 0.14))]])
    centre = points.mean(0)
    whole = np.c_[m, centre - m @ centre].astype(np.float32)
    h, w = patch.shape[:2]
    moved = cv2.warpAffine(patch, whole, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8), (points @ m.T + whole[:, 2]).astype(np.float32)


def error(now: list[F32], true: list[F32]) -> float:
    """Mean point error in eye widths."""
    return float(
        np.mean(
            [np.linalg.norm(a - b, axis=1).mean() / np.linalg.norm(b[0] - b[3]) for a, b in zip(now, true, strict=True)]
        )
    )


def train(data: Path, seed: int = 0, everyone: bool = False) -> tuple[list[F32], F32, list[tuple[float, float]]]:
    """Stages, mean eye and the error (training, held out) before and after each stage."""
    rng = np.random.default_rng(seed)
    greys, true, now, mirrored, held = [], [], [], [], []
    for patch, points, flip, out in read_eyes(data):
        for k in range(SAMPLES // 4):
            seen, at = (patch, points) if out or k == 0 else reshape_eye(patch, points, rng)
            grey = smoothed(light(seen, rng), float(np.linalg.norm(at[0] - at[3])))
            for _ in range(4):
                greys.append(grey)
                true.append(at)
                now.append(disturb(at, rng))
                mirrored.append(flip)
                held.append(out)
    learn = np.array([everyone or not h for h in held])
    stages: list[F32] = []
    report = []

    def scores() -> tuple[float, float]:
        pick = [[i for i in range(len(now)) if learn[i]], [i for i in range(len(now)) if held[i]]]
        return tuple(error([now[i] for i in p], [true[i] for i in p]) for p in pick)  # type: ignore[return-value]

    report.append(scores())
    for _ in range(STAGES):
        frames = [eye_frame(p, m) for p, m in zip(now, mirrored, strict=True)]
        x = np.stack([features(g, f) for g, f in zip(greys, frames, strict=True)])
        local = [to_eye(p, f) for p, f in zip(now, frames, strict=True)]
        y = np.stack([(to_eye(t, f) - q).ravel() for t, f, q in zip(true, frames, local, strict=True)])
        a, b = x[learn].astype(np.float64), y[learn].astype(np.float64)
        w = np.linalg.solve(a.T @ a + RIDGE * len(a) * np.eye(a.shape[1]), a.T @ b).astype(np.float32)
        stages.append(w)
        step = (x @ w).reshape(-1, 6, 2)
        now = [to_picture(q + s, f) for q, s, f in zip(local, step, frames, strict=True)]
        report.append(scores())
    mean = np.mean([to_eye(t, eye_frame(t, m)) for t, m in zip(true, mirrored, strict=True)], 0)
    return stages, mean.astype(np.float32), report


def main() -> None:
    from safetensors.numpy import save_file

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    stages, mean, report = train(args.data, args.seed)
    for k, (seen, unseen) in enumerate(report):
        print(f"after stage {k}: mean error {seen:.4f} eye widths in training, {unseen:.4f} on held-out identities")
    tensors = {"mean": mean}
    for k, w in enumerate(stages):
        scale = np.abs(w).max() / 127
        tensors[f"stage{k}"] = np.round(w / scale).astype(np.int8)
        tensors[f"scale{k}"] = np.array([scale], np.float32)
    save_file(
        tensors,
        str(args.out),
        {"data": "Face Research Lab London Set, CC BY 4.0", "held_out_error": f"{report[-1][1]:.4f}"},
    )
    print(f"{args.out}: {args.out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
