"""Coefficients and pose from 68 landmarks, frame by frame.

Weak perspective, then non-negative ridge regression of the blendshapes that landmarks can show (as in 3D face tracking since
Blanz & Vetter 1999; non-negative and bounded as in Weise et al. 2011, Realtime performance-based facial animation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genstudio.signals.arkit import BLENDSHAPES, CHANNELS

from ..animator.face_model import FaceModel
from ..animator.fit import fit
from ..animator.rig import PIVOT
from ..animator.turn import FACE_HEIGHT

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

# what 68 points can show, and how strongly each is held back (cm of landmark error a full coefficient must explain away)
HELD = {
    "eyeBlink": 0.05, "eyeWide": 0.30, "eyeSquint": 0.35, "jawOpen": 0.25, "jawLeft": 0.35, "jawRight": 0.35,
    "mouthClose": 0.5, "mouthFunnel": 0.45, "mouthPucker": 0.20, "mouthLeft": 0.35, "mouthRight": 0.35, "mouthSmile": 0.20,
    "mouthFrown": 0.30, "mouthStretch": 0.45, "mouthRollLower": 0.5, "mouthRollUpper": 0.5, "mouthShrugLower": 0.5,
    "mouthLowerDown": 0.35, "mouthUpperUp": 0.35, "browDown": 0.08, "browInnerUp": 0.12, "browOuterUp": 0.15,
    "noseSneer": 0.5,
}  # fmt: skip
HEAD = slice(len(BLENDSHAPES), len(BLENDSHAPES) + 6)
# the landmark network smooths what is extreme: slopes of found over true coefficients on renders of the demo portraits, undone
GAIN = {"eyeBlink": 2.4, "browDown": 2.6, "browInnerUp": 2.0, "mouthPucker": 2.2, "mouthSmile": 1.35}
_DEAD = 0.06  # coefficients below it are noise before they are enlarged
_RIGID = (
    *range(27, 36),
    36,
    39,
    42,
    45,
    0,
    1,
    15,
    16,
    8,
)  # nose, corners of the eyes, temples, chin: the pose leans on them
_WEIGHT_JAW = 0.35
_CALM = 0.35  # how strongly a frame is held to the one before, over HELD
_PASSES = 3


def shape_index() -> tuple[NDArray[np.int64], F64]:
    """Channels solved for, and the ridge of each."""
    chosen = [(i, held) for i, name in enumerate(BLENDSHAPES) for base, held in HELD.items() if _is(name, base)]
    return np.array([i for i, _ in chosen]), np.array([h for _, h in chosen])


def _is(name: str, base: str) -> bool:
    return name == base or (name.removesuffix("Left").removesuffix("Right") == base and base not in ("jaw", "mouth"))


@dataclass(frozen=True)
class Person:
    """The face at rest: neutral [68, 3] in the model's frame, lying on this person's own landmarks at rest, and its pose."""

    neutral: F64
    scale: float
    turn: F64
    shift: F64

    @classmethod
    def of(cls, model: FaceModel, landmarks: F64) -> Person:
        """From landmarks at rest [68, 2]: the model's identity fitted, what is left taken over in the picture's plane."""
        found = fit(model, landmarks)
        k = len(model.identity)
        shape = model.neutral + np.tensordot(found.coefficients[:k], model.identity, 1)
        marks = shape[model.landmarks].astype(np.float64)
        axes = found.view[:2].astype(np.float64)
        centre = landmarks.mean(0) - found.scale * (marks @ axes.T).mean(0)
        left = (landmarks - centre) / found.scale - marks @ axes.T
        return cls(marks + left @ axes, found.scale, found.view.astype(np.float64), centre)

    def moved(self, scale: float, turn: F64, shift: F64) -> F64:
        """The six head channels of a pose, against the pose at rest; the head turns about its pivot."""
        pivot = np.array(PIVOT)
        went = (scale * turn[:2] @ pivot + shift) - (self.scale * self.turn[:2] @ pivot + self.shift)
        unit = self.scale * FACE_HEIGHT
        near = 4 * (1 - self.scale / scale)
        return np.array([*angles(turn @ self.turn.T), went[0] / unit, -went[1] / unit, near])


@dataclass
class Solver:
    """Solves one frame after another; keep one a face."""

    person: Person
    shapes: F64  # [K, 68, 3]
    index: NDArray[np.int64]
    held: F64
    gain: F64
    last: F64 | None = None

    @classmethod
    def of(cls, model: FaceModel, person: Person) -> Solver:
        index, held = shape_index()
        gain = np.array([next((g for n, g in GAIN.items() if _is(BLENDSHAPES[i], n)), 1.0) for i in index])
        return cls(person, model.expression[index][:, model.landmarks].astype(np.float64), index, held, gain)

    def __call__(self, landmarks: F64) -> F32:
        """Landmarks [68, 2] in pixels → channel values float32 [62]; gaze is left at rest."""
        x = np.zeros(len(self.index)) if self.last is None else self.last.copy()
        weight = np.ones(68)
        weight[:17] = _WEIGHT_JAW
        rigid = np.full(68, 0.25)
        rigid[list(_RIGID)] = 1.0
        for _ in range(_PASSES):
            shape = self.person.neutral + np.tensordot(x, self.shapes, 1)
            scale, turn, shift = pose(shape, landmarks, rigid)
            target = (landmarks - shift) / scale - self.person.neutral @ turn[:2].T
            basis = np.einsum("ij,kvj->vik", turn[:2], self.shapes).reshape(-1, len(x))
            x = self._bounded(basis, target.reshape(-1), np.repeat(weight, 2), x)
        self.last = x
        out = np.zeros(len(CHANNELS), np.float32)
        out[self.index] = np.clip(np.where(self.gain > 1, x - _DEAD, x) * self.gain, 0, 1)
        out[HEAD] = self.person.moved(scale, turn, shift)
        return out

    def _bounded(self, a: F64, b: F64, weight: F64, before: F64) -> F64:
        """Least squares with a ridge and a pull to the frame before, 0..1 each: projected coordinate descent."""
        w = weight[:, None]
        ridge = (0.12 * self.held / 0.3) ** 2 * 10
        calm = 0.0 if self.last is None else _CALM
        h = (a * w).T @ a + np.diag(ridge * (1 + calm))
        g = (a * w).T @ b + ridge * calm * (self.last if self.last is not None else 0.0)
        x = before.copy()
        for _ in range(40):
            for k in range(len(x)):
                x[k] = min(max(x[k] + (g[k] - h[k] @ x) / h[k, k], 0.0), 1.0)
        return x


def pose(shape: F64, landmarks: F64, weight: F64) -> tuple[float, F64, F64]:
    """Weak perspective: scale (pixels a model unit), rotation [3, 3] (rows: picture right, down, towards), shift [2]."""
    w = weight / weight.sum()
    sc, lc = w @ shape, w @ landmarks
    root = np.sqrt(w)[:, None]
    m = np.linalg.lstsq((shape - sc) * root, (landmarks - lc) * root, rcond=None)[0].T
    u, s, vt = np.linalg.svd(m, full_matrices=False)
    scale = float(s.mean())
    axes = u @ vt
    towards = np.cross(axes[0], axes[1])
    turn = np.stack([axes[0], axes[1], towards if towards[2] > 0 else -towards])
    return scale, turn, lc - scale * axes @ sc


def angles(turn: F64) -> tuple[float, float, float]:
    """Head yaw, pitch, roll in radians of a rotation in picture axes (right, down, towards), as the animator composes it."""
    yaw = float(np.arcsin(np.clip(turn[2, 0], -1, 1)))
    pitch = float(np.arctan2(-turn[2, 1], turn[2, 2]))
    roll = float(np.arctan2(-turn[1, 0], turn[0, 0]))
    return yaw, pitch, roll
