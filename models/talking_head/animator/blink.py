"""Lids of one portrait's rig: a blink that closes from corner to corner, the plain skin it unrolls, how far the eyes are open."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genstudio.signals.arkit import BLENDSHAPES
from genstudio.signals.shapes import smoothstep

from .face_model import FaceModel

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

UPPER_LIDS, LOWER_LIDS = ((43, 44), (37, 38)), ((47, 46), (41, 40))  # landmark pairs, subject's left eye first


def disc(centre: F32, radius: float, total: int) -> NDArray[np.bool_]:
    y, x = np.mgrid[0:total, 0:total]
    return np.asarray(np.hypot(x - centre[0], y - centre[1]) < max(radius, 1.5))


def close_all_along(model: FaceModel, points: F32, shapes: F32) -> None:
    """Scales each blink, place by place along the lid, so that the lids meet from corner to corner; in place."""
    at = {n: i for i, n in enumerate(BLENDSHAPES)}
    for name, upper, lower in (("eyeBlinkLeft", 1, 2), ("eyeBlinkRight", 3, 4)):
        k = at[name]
        u, v = np.flatnonzero(model.lid == upper), np.flatnonzero(model.lid == lower)
        v = v[np.argsort(points[v, 0])]
        u = u[np.argsort(points[u, 0])]
        span = points[u[-1], 0] - points[u[0], 0]
        lower_y = np.interp(points[u, 0], points[v, 0], (points[v] + shapes[k, v])[:, 1])
        travel = shapes[k, u, 1]
        inner = np.minimum(points[u, 0] - points[u[0], 0], points[u[-1], 0] - points[u, 0]) > 0.10 * span
        good = inner & (travel > 0.2 * travel.max())
        if good.sum() < 4:
            continue
        need = np.clip((lower_y - points[u, 1])[good] / travel[good], 0.4, 1.8)
        ratio = np.interp(
            points[:, 0], points[u[good], 0], np.convolve(np.pad(need, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
        )
        moved = (np.abs(shapes[k]).max(1) > 0) & (shapes[k, :, 1] > 0)
        shapes[k, moved] *= ratio[moved, None]


def skin_under(model: FaceModel, texture: U8, points: F32, shapes: F32, landmarks: F32) -> tuple[F32, F32]:
    """Where a closing upper lid unrolls skin the photograph does not show, [2, V + 8], and its colour [V + 8, 3]."""
    count = len(points)
    lids, paint = np.zeros((2, count), np.float32), np.zeros((count, 3), np.float32)
    at = {n: i for i, n in enumerate(BLENDSHAPES)}
    sides = (("eyeBlinkLeft", 1, (43, 44), (23, 24, 25), 42, 45), ("eyeBlinkRight", 3, (37, 38), (18, 19, 20), 36, 39))
    for side, (name, label, lid, brow, a, b) in enumerate(sides):
        width = float(np.linalg.norm(landmarks[a] - landmarks[b]))
        drop = shapes[at[name], :count, 1]
        share = np.clip(drop / max(float(drop.max()), 1e-6), 0, 1)
        rim = points[model.lid == label]
        away = np.sqrt(((points[:, None, :2] - rim[None, :, :2]) ** 2).sum(-1).min(1)) / width
        above = points[:, 1] < np.interp(points[:, 0], np.sort(rim[:, 0]), rim[np.argsort(rim[:, 0]), 1]) + 1
        edge = np.clip((away - 0.008) / 0.03, 0.3, 1)
        near = away < 0.6
        lids[side] = np.where(
            near & above & (np.arange(count) < model.faces), smoothstep((share - 0.12) / 0.45) * edge, 0
        )
        spot = 0.55 * landmarks[list(lid)].mean(0) + 0.45 * landmarks[list(brow)].mean(0)
        skin = np.median(texture[disc(spot, 0.09 * width, texture.shape[0])], 0)
        paint[near] = (skin * (0.90 + 0.08 * np.clip(share, 0, 1)[:, None]))[near]
    lids = np.concatenate([lids, np.zeros((2, 8), np.float32)], 1)
    return lids.astype(np.float32), np.r_[paint, np.zeros((8, 3), np.float32)].astype(np.float32)


def gaps(model: FaceModel, points: F32, shapes: F32) -> tuple[F32, F32]:
    """Opening of each eye [2] in pixels at rest, and how each shape changes it [2, 52]; the subject's left eye first."""
    openings, slopes = [], []
    for upper, lower in zip(UPPER_LIDS, LOWER_LIDS, strict=True):
        u, v = model.landmarks[list(upper)], model.landmarks[list(lower)]
        openings.append(points[v, 1].mean() - points[u, 1].mean())
        slopes.append(shapes[:, v, 1].mean(1) - shapes[:, u, 1].mean(1))
    return np.array(openings, np.float32), np.array(slopes, np.float32)
