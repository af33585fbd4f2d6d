"""The face finder: a picture in, faces with 68 points out. Implements `genstudio.protocols.FaceFinder`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from genstudio.bfloat16 import where_fast
from genstudio.errors import InputError, MissingWeightsError
from genstudio.protocols import Face
from genstudio.threads import one_thread
from genstudio.weights import read_tensors

from .fold import folded, last
from .geometry import CROP, INPUT, MIRROR, apply, crop_matrix, head_pose, invert, radius_of, roll_of
from .net import RADIUS_UNIT, STRIDE, CentreNet, LandmarkNet

F32 = NDArray[np.float32]
U8 = NDArray[Any]  # uint8, which OpenCV's own types do not say

WEIGHTS = Path(__file__).parent / "weights" / "landmarks.safetensors"
LEVELS = (44, 70, 112, 180, 288)
"""Long sides in pixels of the pyramid: faces down to about 5 % of the picture's long side."""
COARSE = 112
"""Levels up to this one are searched first; a sure face there ends the search for others less than 0.4 times as large."""
SURE, SMALLEST = 0.75, 0.4
_LARGEST_AT = 12.6  # pixels: radius of the largest faces that a level, and not the one before it, is there for
FINE_LEVELS = (460, 736)
"""Searched too when the others hold no face."""
PAD = 16
CANDIDATE, ACCEPT = 0.25, 0.5
BESIDE = 0.5
"""Candidates scored less than this share of the best one are not looked at."""
MOST = 12
"""Faces that are looked at more closely."""


@dataclass(frozen=True)
class Circle:
    """Where a face may be, in picture pixels."""

    x: float
    y: float
    radius: float
    score: float


def separate(circles: list[Circle], apart: float = 0.75) -> list[Circle]:
    """Drop circles whose centre lies within `apart` radii of a better one."""
    kept: list[Circle] = []
    for c in sorted(circles, key=lambda c: -c.score):
        if all(np.hypot(c.x - k.x, c.y - k.y) > apart * max(c.radius, k.radius) for k in kept):
            kept.append(c)
    return kept


def merged(faces: list[Face]) -> list[Face]:
    """Largest first, without those that lie on a better one."""
    kept = separate([_circle(f, f.score) for f in faces], 0.9)
    out = [f for f in faces if _circle(f, f.score) in kept]
    return sorted(out, key=lambda f: -(f.box[2] - f.box[0]) * (f.box[3] - f.box[1]))


def _circle(face: Face, score: float) -> Circle:
    centre, radius = radius_of(face.landmarks)
    return Circle(float(centre[0]), float(centre[1]), radius, score)


def _scaled(c: Circle, k: float) -> Circle:
    """In a picture k times as large."""
    return Circle((c.x + 0.5) * k - 0.5, (c.y + 0.5) * k - 0.5, c.radius * k, c.score)


class FaceFinderNet:
    """Callable: uint8 [h, w, 3] RGB → list of `Face`, largest first, [] when there is none.

    Trained on grey and colour photographs and on renders (see card.md). `follow` tracks a face from one video frame to
    the next without searching again.
    """

    def __init__(self, centre: CentreNet, landmarks: LandmarkNet, mean3: F32) -> None:
        self.centre, self.landmarks, self.mean3 = centre.eval(), landmarks.eval(), mean3
        self.fast_centre, self.fast_landmarks = folded(centre), folded(landmarks)

    @classmethod
    def load(cls, path: Path | str | None = None) -> FaceFinderNet:
        """Read the shipped weights, or others."""
        tensors, _ = read_tensors(path or WEIGHTS)
        if "mean3" not in tensors:
            raise MissingWeightsError(f"'{Path(path or WEIGHTS).name}' holds no face finder; reinstall genstudio")
        mean3 = tensors.pop("mean3").float().numpy()
        nets = nn.ModuleDict({"finder": CentreNet(), "landmarks": LandmarkNet()})
        tensors = {k: v.float() for k, v in tensors.items()}
        steps = {k: v for k, v in nets.state_dict().items() if k.endswith("num_batches_tracked")}
        try:
            nets.load_state_dict(tensors | steps)
        except RuntimeError as error:
            raise MissingWeightsError(
                f"face finder weights do not fit: {str(error).splitlines()[-1].strip()}"
            ) from None
        nets.requires_grad_(False)
        return cls(nets["finder"], nets["landmarks"], mean3)  # type: ignore[arg-type]

    @one_thread()
    def __call__(self, image: U8) -> list[Face]:
        image = _checked(image)
        coarse = tuple(side for side in LEVELS if side <= COARSE)
        circles, faces = self._search(image, coarse, [], [])
        rest, sure = LEVELS[len(coarse) :], [radius_of(f.landmarks)[1] for f in faces if f.score >= SURE]
        if sure:
            rest = tuple(s for s in rest if max(image.shape[:2]) * _LARGEST_AT / s > SMALLEST * max(sure))
        _, faces = self._search(image, rest, circles, faces)
        return faces or self._search(image, FINE_LEVELS, [], [])[1]

    def _search(
        self, image: U8, levels: tuple[int, ...], circles: list[Circle], faces: list[Face]
    ) -> tuple[list[Circle], list[Face]]:
        """Look on more levels. circles: those looked at before; faces: found before. → both with the new ones."""
        usable = [side for side in levels if side <= max(max(image.shape[:2]) * 1.3, LEVELS[0])]
        if not usable:
            return circles, faces
        small, k = _reduced(image, 2 * max(usable))
        new = [_scaled(c, k) for side in usable for c in self.candidates(small, side)]
        known = [_circle(f, 1.0) for f in faces]
        best = max((c.score for c in circles + new), default=0.0)
        found = separate(known + circles + new)[:MOST]
        fresh = [c for c in found if c in new and c.score > BESIDE * best]
        return circles + fresh, merged([*faces, *self.refine(image, fresh)])

    @torch.inference_mode()
    def candidates(self, image: U8, long_side: int) -> list[Circle]:
        """Peaks of the centre map on the picture shrunk to `long_side`."""
        h, w = image.shape[:2]
        k = long_side / max(h, w)
        small = cv2.resize(
            image,
            (max(1, round(w * k)), max(1, round(h * k))),
            interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR,
        )
        grey = small.astype(np.float32).mean(-1) / 255
        grey = np.pad(grey, ((PAD, PAD + -grey.shape[0] % STRIDE), (PAD, PAD + -grey.shape[1] % STRIDE)), mode="edge")
        with where_fast():
            maps = self.fast_centre(last(torch.from_numpy(grey)[None, None]))[0].float()
        score = torch.sigmoid(maps[0])
        peak = nn.functional.max_pool2d(score[None], 3, 1, 1)[0]
        rows, cols = torch.nonzero((score == peak) & (score > CANDIDATE), as_tuple=True)
        out = []
        sx, sy = small.shape[1] / w, small.shape[0] / h
        for r, c in zip(rows.tolist(), cols.tolist(), strict=True):
            dx, dy, log_r = maps[1:, r, c].tolist()
            x = (c + 0.5 + dx) * STRIDE - 0.5 - PAD
            y = (r + 0.5 + dy) * STRIDE - 0.5 - PAD
            radius = RADIUS_UNIT * float(np.exp(np.clip(log_r, -1.2, 1.2)))
            out.append(Circle((x + 0.5) / sx - 0.5, (y + 0.5) / sy - 0.5, radius / k, float(score[r, c])))
        return out

    @torch.inference_mode()
    def place(self, image: U8, crops: list[tuple[F32, float, float]], mirrored: bool = False) -> tuple[F32, F32]:
        """Points and face probability for crops given as (centre, radius, roll). → [n, 68, 2] picture pixels, [n]."""
        maps = [crop_matrix(c, r, roll) for c, r, roll in crops]
        stack = np.stack([_cut(image, m) for m in maps])
        x = torch.from_numpy(stack).permute(0, 3, 1, 2).float() / 255
        if mirrored:
            x = torch.cat([x, x.flip(-1)])
        with where_fast():
            points, logit = self.fast_landmarks(last(x))
        pts = points.numpy().astype(np.float32)
        face = torch.sigmoid(logit).numpy()
        if mirrored:
            n = len(crops)
            back = pts[n:][:, MIRROR] * np.array([-1, 1], np.float32)
            pts, face = (pts[:n] + back) / 2, (face[:n] + face[n:]) / 2
        pixels = (pts + 1) * INPUT / 2 - 0.5
        return np.stack([apply(invert(m), p) for m, p in zip(maps, pixels, strict=True)]), face

    def refine(self, image: U8, circles: list[Circle]) -> list[Face]:
        """Place points twice: first in the upright crop a circle gives, then in the crop the points give."""
        if not circles:
            return []
        crops = [(np.array([c.x, c.y], np.float32), c.radius, 0.0) for c in circles]
        points, face = self.place(image, crops)
        keep = [k for k in range(len(circles)) if face[k] > 0.2 and _plausible(points[k], circles[k].radius)]
        if not keep:
            return []
        crops = [(*radius_of(points[k]), roll_of(points[k])) for k in keep]
        points, face = self.place(image, crops, mirrored=True)
        found: list[Face] = []
        for k, p, f in zip(keep, points, face, strict=True):
            score = float(np.sqrt(f * circles[k].score))
            if score >= ACCEPT and f >= ACCEPT and _plausible(p, circles[k].radius):
                found.append(self.face(p, score))
        return merged(found)

    @one_thread()
    def follow(self, image: U8, last: Face, least: float = 0.6) -> Face | None:
        """The same face in the next frame, or None when it is lost (then search again)."""
        centre, radius = radius_of(last.landmarks)
        points, face = self.place(_checked(image), [(centre, radius, roll_of(last.landmarks))])
        if face[0] < least or not _plausible(points[0], radius, 1.35):
            return None
        return self.face(points[0], float(face[0]))

    def face(self, points: F32, score: float) -> Face:
        """A `Face` from its points; its box reaches from the middle of the forehead to the chin."""
        left, top = points.min(0)
        right, bottom = points.max(0)
        top -= 0.2 * (bottom - top)
        yaw, pitch, roll = head_pose(points, self.mean3)
        return Face((float(left), float(top), float(right), float(bottom)), points, score, yaw, pitch, roll)


def _checked(image: U8) -> U8:
    image = np.asarray(image)
    if image.ndim == 2:
        image = np.repeat(image[..., None], 3, -1)
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise InputError(f"a picture is uint8 [h, w, 3] RGB; got {image.dtype} {list(image.shape)}")
    return image


def _reduced(image: U8, long_side: int) -> tuple[U8, float]:
    """The picture shrunk to a long side when it is larger, and how many times it was larger."""
    h, w = image.shape[:2]
    k = max(h, w) / long_side
    if k <= 1:
        return image, 1.0
    size = max(1, round(w / k)), max(1, round(h / k))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), k


def _cut(image: U8, m: F32) -> U8:
    """Warp to the network's crop; large faces are shrunk by area first, only around the crop."""
    scale = float(np.hypot(m[0, 0], m[1, 0]))
    if scale < 0.7:
        corners = apply(invert(m), np.array([[0, 0], [INPUT, 0], [0, INPUT], [INPUT, INPUT]], np.float32))
        h, w = image.shape[:2]
        x0, y0 = np.clip(np.floor(corners.min(0)) - 4, 0, [w - 1, h - 1]).astype(int)
        x1, y1 = np.clip(np.ceil(corners.max(0)) + 4, [x0 + 1, y0 + 1], [w, h]).astype(int)
        part = image[y0:y1, x0:x1]
        size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
        small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        sx, sy = size[0] / part.shape[1], size[1] / part.shape[0]
        up = np.array([[1 / sx, 0, 0.5 / sx - 0.5 + x0], [0, 1 / sy, 0.5 / sy - 0.5 + y0], [0, 0, 1]])
        m, image = (np.r_[m, [[0, 0, 1]]] @ up)[:2].astype(np.float32), small
    return cv2.warpAffine(  # type: ignore[return-value]
        image, m, (INPUT, INPUT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )


def _plausible(points: F32, radius: float, most: float = 1.7) -> bool:
    """Eyes above the mouth, a size near what was expected."""
    _, r = radius_of(points)
    eyes, mouth = points[36:48].mean(0), points[48:68].mean(0)
    return bool(radius / most < r < radius * most and np.linalg.norm(mouth - eyes) > 0.35 * r)


__all__ = ["CROP", "FaceFinderNet"]
