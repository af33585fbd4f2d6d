"""Sharpens the twelve eye landmarks: a lid a pixel off shows in every blink.

A cascade of linear regressors on the picture's gradients around each eye (supervised descent), trained by `train_lids.py` on real
portraits. It moves points by a tenth of an eye's width or so, never further; what it is unsure of stays.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

WEIGHTS = Path(__file__).parent / "weights" / "lids.safetensors"
GRID = (34, 22)  # samples across and down
REACH = (0.85, 0.55)  # half extent of the samples in eye widths
LEFT = (36, 37, 38, 39, 40, 41)  # the eye on the picture's left: the order in which both are seen
RIGHT = (45, 44, 43, 42, 47, 46)  # the other one, mirrored
FURTHEST = 0.16  # eye widths a point may move
SMALLEST = 10.0  # pixels of eye width below which there is nothing to sharpen


def eye_frame(points: NDArray[Any], mirrored: bool) -> F32:
    """The matrix [2, 3] from eye coordinates to picture pixels: origin between the corners, x to the inner (nose) corner."""
    outer, inner = points[0], points[3]
    x = inner - outer
    y = np.array([-x[1], x[0]]) * (-1 if mirrored else 1)
    return np.c_[x, y, 0.5 * (outer + inner)].astype(np.float32)


def to_eye(points: NDArray[Any], frame: F32) -> F32:
    """Picture points [6, 2] in eye coordinates."""
    return np.asarray(np.linalg.solve(frame[:, :2], (points - frame[:, 2]).T).T, np.float32)


def to_picture(points: NDArray[Any], frame: F32) -> F32:
    """Eye coordinates [6, 2] in picture pixels."""
    return np.asarray(points @ frame[:, :2].T + frame[:, 2], np.float32)


def features(grey: F32, frame: F32) -> F32:
    """Normalised brightness and gradients around an eye, [F]: grey [h, w] smoothed to the grid's spacing."""
    u, v = np.meshgrid(np.linspace(-REACH[0], REACH[0], GRID[0]), np.linspace(-REACH[1], REACH[1], GRID[1]))
    at = np.stack([u.ravel(), v.ravel()], 1) @ frame[:, :2].T + frame[:, 2]
    shape = (GRID[1], GRID[0])
    patch = cv2.remap(
        grey, at[:, 0].reshape(shape).astype(np.float32), at[:, 1].reshape(shape).astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    patch = (patch - patch.mean()) / (patch.std() + 1e-3)
    gx, gy = np.gradient(patch, axis=1), np.gradient(patch, axis=0)
    size = np.sqrt(gx**2 + gy**2) + 0.12
    return np.concatenate([np.tanh(patch * 0.7).ravel(), (gx / size).ravel(), (gy / size).ravel(), [1.0]]).astype(
        np.float32
    )


def smoothed(picture: U8, width: float) -> F32:
    """Grey float32 [h, w] without detail finer than the sampling of an eye `width` pixels wide."""
    grey = picture.astype(np.float32) @ np.array([0.3, 0.4, 0.3], np.float32)
    sigma = 0.5 * 2 * REACH[0] * width / GRID[0]
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), max(sigma, 0.4)), np.float32)


@lru_cache(maxsize=1)
def _stages() -> tuple[list[F32], F32]:
    """Regressors [F, 12] of each stage and the mean eye [6, 2]."""
    from safetensors.numpy import load_file

    from genstudio.errors import MissingWeightsError

    if not WEIGHTS.is_file():
        raise MissingWeightsError(f"the lid weights are missing at {WEIGHTS}; reinstall, or train them: train_lids.py")
    tensors = load_file(str(WEIGHTS))
    count = sum(k.startswith("stage") for k in tensors)
    return [tensors[f"stage{k}"].astype(np.float32) * tensors[f"scale{k}"] for k in range(count)], tensors[
        "mean"
    ].astype(np.float32)


def descend(grey: F32, points: F32, mirrored: bool, stages: list[F32]) -> F32:
    """Points [6, 2] after all stages."""
    for w in stages:
        frame = eye_frame(points, mirrored)
        points = to_picture(to_eye(points, frame) + (features(grey, frame) @ w).reshape(6, 2), frame)
    return points


def sharpen(picture: U8, landmarks: F32, trust: float = 0.5) -> F32:
    """landmarks [68, 2] in pixels of `picture` uint8 [h, w, 3] with the eyes' points set on the lids.

    trust: how far to go from what was given to what the regressors say; two independent guesses are best averaged.
    """
    stages, _ = _stages()
    out = np.array(landmarks, np.float32)
    widths = [float(np.linalg.norm(out[s[0]] - out[s[3]])) for s in (LEFT, RIGHT)]
    if min(widths) < SMALLEST:
        return out
    x0, y0 = (int(max(0, v)) for v in out[36:48].min(0) - 1.2 * max(widths))
    x1, y1 = (int(v) + 1 for v in out[36:48].max(0) + 1.2 * max(widths))
    grey = smoothed(picture[y0:y1, x0:x1], max(widths))
    corner = np.array([x0, y0], np.float32)
    for side, width in zip((LEFT, RIGHT), widths, strict=True):
        before = out[list(side)]
        after = descend(grey, before - corner, side is RIGHT, stages) + corner
        move = after - before
        common = move.mean(0)
        far = float(np.linalg.norm(move - common, axis=1).max()), float(np.linalg.norm(common))
        if max(far) > 2 * FURTHEST * width:
            continue  # something else than an eye
        length = np.linalg.norm(move, axis=1, keepdims=True)
        out[list(side)] = before + move * trust * np.minimum(1, FURTHEST * width / np.maximum(length, 1e-6))
    return out
