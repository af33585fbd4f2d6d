"""Who stands before the background: an alpha matte of head and shoulders at rest."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from genstudio.signals.filters import guided_filter

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
_WORK = 256  # side at which the cut is found
_ROUNDS = 6


def matte(texture: U8, landmarks: F32) -> F32:
    """Alpha float32 [t, t] 0..1 of a square head texture uint8 [t, t, 3] with its 68 points.

    Graph cut from colour models (GrabCut: Rother, Kolmogorov & Blake 2004), begun with the face as certain, hair and shoulders
    as likely, the upper border as background; edges are softened along the picture's own (guided filter).
    """
    side = texture.shape[0]
    small = cv2.resize(texture, (_WORK, _WORK), interpolation=cv2.INTER_AREA)
    marks = np.asarray(landmarks, np.float32) * (_WORK / side)
    mask = _guess(marks)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), mask, None, *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
    person = _one_piece(np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)), marks)
    big = cv2.resize(person.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
    grey = cv2.cvtColor(texture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    soft = guided_filter(grey, np.asarray(big, np.float32), max(3, side // 90), 1e-4)
    return np.clip((soft - 0.1) / 0.8, 0, 1).astype(np.float32)


def _guess(m: F32) -> NDArray[np.uint8]:
    """GrabCut's starting labels from landmarks in working pixels."""
    mask = np.full((_WORK, _WORK), cv2.GC_PR_BGD, np.uint8)
    brow, chin, wide = m[17:27].mean(0), m[8], float(m[16, 0] - m[0, 0])
    tall = float(np.linalg.norm(chin - brow))
    x, y = (brow + chin) / 2
    axes = (int(0.78 * wide), int(1.25 * tall))
    cv2.ellipse(mask, (int(x), int(y - 0.25 * tall)), axes, 0, 0, 360, (cv2.GC_PR_FGD,), -1)
    low = _WORK - 1
    for top, bottom, label in ((0.45, 1.25, cv2.GC_PR_FGD), (0.25, 0.4, cv2.GC_FGD)):  # shoulders, neck
        corners = [
            [x - top * wide, chin[1]],
            [x + top * wide, chin[1]],
            [x + bottom * wide, low],
            [x - bottom * wide, low],
        ]
        cv2.fillPoly(mask, [np.array(corners).astype(np.int32)], (label,))
    face = np.concatenate([m[:17], m[17:27] - [0, 0.25 * tall]]).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(face), (cv2.GC_FGD,))
    mask[:4] = cv2.GC_BGD
    mask[: _WORK // 2, :4] = mask[: _WORK // 2, -4:] = cv2.GC_BGD
    return mask


def _one_piece(person: NDArray[np.bool_], m: F32) -> NDArray[np.bool_]:
    """The piece that holds the face, without holes."""
    _, label = cv2.connectedComponents(person.astype(np.uint8))
    x, y = np.clip(m[27:36].mean(0).astype(int), 0, _WORK - 1)
    piece = label == label[y, x]
    _, outside = cv2.connectedComponents((~piece).astype(np.uint8))
    border = np.unique(np.concatenate([outside[0], outside[:, 0], outside[:, -1]]))
    return piece | ~np.isin(outside, border)
