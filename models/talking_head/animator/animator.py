"""Draws a portrait moved by ARKit coefficients, head pose and gaze."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from genstudio.errors import FaceError, InputError
from genstudio.signals.arkit import CHANNELS
from genstudio.signals.shapes import smoothstep

from . import crop, face_model, raster, rig
from .fit import fit
from .lids import sharpen
from .seam import close_lips
from .settle import settle
from .turn import turn

if TYPE_CHECKING:
    from genstudio.protocols import Face, Motion

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
log = logging.getLogger(__name__)

SUPERSAMPLING = 2
SMALLEST_FACE = 24  # pixels from brows to chin
SIZES = (64, 1024)
DOUBT = 0.2  # how far below the best one's score a face is still believed
CUT_OFF = 0.3  # share of landmarks outside the picture from which a face counts as cut off
SMILE = [CHANNELS.index("mouthSmileLeft"), CHANNELS.index("mouthSmileRight")]
FEATURES = slice(36, 68)  # landmarks of eyes and mouth: none may lie outside


class Animator:
    """One portrait, ready to move.

    portrait: uint8 [h, w, 3] RGB; face: which face of it (default: the largest found); size: side of the square frames in
    pixels. `photo` is the portrait as frames show it at rest, `face` the face taken, `fit` how the face model lies in it.

    >>> animator = Animator(portrait, size=256)            # doctest: +SKIP
    >>> frame = animator.frame(np.zeros(62, np.float32))   # doctest: +SKIP
    """

    def __init__(self, portrait: U8, face: Face | None = None, size: int = 256) -> None:
        if portrait.ndim != 3 or portrait.shape[2] != 3 or portrait.dtype != np.uint8:
            raise InputError(f"a portrait is uint8 [height, width, 3], got {portrait.dtype} {list(portrait.shape)}")
        if not SIZES[0] <= size <= SIZES[1] or size % 2:
            raise InputError(f"size {size} is not an even number from {SIZES[0]} to {SIZES[1]}")
        self.face = face if face is not None else find_largest(portrait)
        marks = np.asarray(self.face.landmarks, np.float32)
        if not np.isfinite(marks).all() or crop.brow_to_chin(marks) < SMALLEST_FACE:
            raise FaceError(
                f"the face is too small: {crop.brow_to_chin(marks):.0f} pixels from brows to chin; "
                f"at least {SMALLEST_FACE} are needed, so use a larger picture"
            )
        outside = np.asarray(((marks < 0) | (marks > [portrait.shape[1], portrait.shape[0]])).any(1))
        if outside.mean() > CUT_OFF or outside[FEATURES].any():
            raise FaceError(
                f"the face is cut off: {outside.mean():.0%} of its points lie outside the picture; "
                "use one that shows brows to chin"
            )
        self.size = size
        self.crop = crop.cut(portrait, marks, size * SUPERSAMPLING)
        sharper = sharpen(self.crop.texture, self.crop.to_texture(marks))
        self.landmarks = close_lips(self.crop.texture, sharper)
        model = face_model.load()
        self.fit = fit(model, self.landmarks)
        self.rig = rig.build(model, self.fit, self.crop, self.landmarks)
        m, s = self.crop.margin, self.rig.size
        self.photo = cv2.resize(self.crop.texture[m : m + s, m : m + s], (size, size), interpolation=cv2.INTER_AREA)
        self._scratch = threading.local()

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the scratch memory of the threads, so that a head travels between processes."""
        return {k: v for k, v in self.__dict__.items() if k != "_scratch"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _scratch=threading.local())

    def frame(self, values: NDArray[np.floating]) -> U8:
        """One frame uint8 [size, size, 3] for channel values [62] in the order of `genstudio.signals.arkit.CHANNELS`."""
        return self._draw(values)[0]

    def cut_out(self, values: NDArray[np.floating]) -> U8:
        """One frame with its alpha, uint8 [size, size, 4]: the person without the background."""
        picture, alpha = self._draw(values, self.matte)
        return np.dstack([picture, alpha])

    @cached_property
    def matte(self) -> U8:
        """The person's alpha at rest over the texture, uint8 [t, t, 3] (three times the same)."""
        from .matte import matte

        return np.repeat(np.round(matte(self.crop.texture, self.landmarks) * 255).astype(np.uint8)[..., None], 3, 2)

    def _draw(self, values: NDArray[np.floating], matte: U8 | None = None) -> tuple[U8, U8]:
        """Picture [size, size, 3], and alpha [size, size] when a matte is given (else it is empty)."""
        r = self.rig
        v = np.nan_to_num(np.asarray(values, np.float32)).copy()
        if v.shape != (len(CHANNELS),):
            raise InputError(f"motion has {len(CHANNELS)} channels, got an array of shape {list(v.shape)}")
        shapes, gaze = settle(v, r)
        points = (r.points.reshape(-1) + shapes @ r.basis).reshape(-1, 3)
        lips = points[r.lips[1], 1] - points[r.lips[0], 1] - (r.points[r.lips[1], 1] - r.points[r.lips[0], 1])
        opening = smoothstep(float(lips.max()) / r.mouth_width, 0.006, 0.035)
        points, alphas = turn(points, v, r)
        n = r.drawn
        front = points[:n].copy()
        front[:, 2] -= r.bias
        front[:, :2] -= r.margin
        ground = points[n:] - np.array([r.margin, r.margin, 0], np.float32)
        uv = r.uv
        if opening > 0:
            uv = uv.copy()
            uv[:, :2] += opening * r.slide
        gaps = r.lid_gap + r.lid_slope @ shapes
        openness = gaps / np.maximum(r.lid_gap, 1e-3)
        shut = [smoothstep(1 - float(o), 0.05, 0.6) for o in openness]
        cover = opening * r.inside + shut[0] * r.lids[0] + shut[1] * r.lids[1]
        out, label, z, veil, eyes = self._buffers()
        for eye, shift in zip(r.eyes, gaze, strict=True):
            eye.draw(shift, eyes)
        raster.draw(
            front, uv, alphas, cover, r.paint, r.triangles, r.material, r.texture, eyes, r.atlas, self._shade(shapes), r.tint,
            opening, r.margin, out, label, z, veil,
        )  # fmt: skip
        ground = np.ascontiguousarray(ground)
        alpha = np.zeros((0, 0), np.uint8)
        if matte is not None:
            s = slice(r.margin, r.margin + r.size)
            taken = veil[..., None]
            cut = (taken * 255 + (1 - taken) * matte[s, s] + 0.5).astype(np.uint8)
            raster.ground(ground, r.grid_uv, r.grid, matte, r.margin, cut, veil.copy())
            alpha = cv2.resize(cut[..., 0], (self.size, self.size), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        raster.ground(ground, r.grid_uv, r.grid, r.texture, r.margin, out, veil)
        if opening > 0:
            _occlude(out, label, front, r, opening, float(np.clip(shapes[SMILE].mean(), 0, 1)))
        for quad, o in zip((front[-8:-4], front[-4:]), openness, strict=True):
            amount = float(np.clip((o - 1) / 0.3, 0, 1))
            if amount > 0.02:
                _lid_shadow(out, label, quad, amount)
        picture = np.asarray(cv2.resize(out, (self.size, self.size), interpolation=cv2.INTER_AREA), np.uint8)
        return picture, alpha

    def frames(self, motion: Motion, workers: int = 2, cut_out: bool = False) -> Iterator[U8]:
        """Frames of a motion in order, drawn a few ahead by `workers` threads (the drawing releases the GIL).

        cut_out: with alpha, uint8 [size, size, 4].
        """
        draw = self.cut_out if cut_out else self.frame
        if tuple(motion.channels) != CHANNELS:
            raise InputError("the motion's channels are not genstudio.signals.arkit.CHANNELS in order")
        if workers < 2:
            yield from (draw(row) for row in motion.values)
            return
        with ThreadPoolExecutor(workers) as pool:
            waiting: list[Future[U8]] = []
            for row in motion.values:
                waiting.append(pool.submit(draw, row))
                if len(waiting) > 2 * workers:
                    yield waiting.pop(0).result()
            for future in waiting:
                yield future.result()

    def _buffers(self) -> tuple[U8, U8, F32, F32, U8]:
        """Picture, labels, depth, veil and eye texture of this thread."""
        s, local = self.rig.size, self._scratch
        if not hasattr(local, "buffers"):
            local.buffers = (
                np.zeros((s, s, 3), np.uint8), np.zeros((s, s), np.uint8), np.zeros((s, s), np.float32),
                np.zeros((s, s), np.float32), self.rig.texture.copy(),
            )  # fmt: skip
        return local.buffers  # type: ignore[no-any-return]

    def _shade(self, shapes: F32) -> F32:
        """Log brightness of the folds float32 [h, w] for shape coefficients [52]."""
        r = self.rig
        out = np.zeros(r.shade_shape, np.float32)
        strength = np.clip(r.drivers @ np.clip(shapes, 0, 1.5), 0, 1.6)
        active = np.flatnonzero(strength > 0.02)
        if len(active):
            x0, y0, x1, y1 = r.shade_box
            total = strength[active] @ r.maps[active]
            out[y0:y1, x0:x1] = (0.45 * np.tanh(total / 0.45)).reshape(y1 - y0, x1 - x0)
        return out


def sure_faces(faces: list[Face]) -> list[Face]:
    """Faces found with nearly as much confidence as the best one, largest first: what is left are faces, not collars."""
    best = max((f.score for f in faces), default=0.0)
    return [f for f in faces if f.score >= best - DOUBT]


def take_largest(faces: list[Face]) -> Face:
    """The largest face found; logs when there are more. Raises FaceError when there is none."""
    faces = sure_faces(faces)
    if not faces:
        raise FaceError("no face was found in the portrait; use a picture in which a face is seen from the front")
    if len(faces) > 1:
        log.warning("%d faces in the portrait: the largest is taken; choose another with --face N (face=N)", len(faces))
    return faces[0]


def find_largest(portrait: U8) -> Face:
    """The largest face of a picture."""
    from genstudio.signals.faces import find_faces

    return take_largest(find_faces(portrait))


def _occlude(out: U8, label: U8, points: F32, r: rig.Rig, opening: float, smile: float) -> None:
    """Darkens the mouth's inside near the lips, most under the upper one: light falls in from the front and above.

    A smile draws the lips flat onto the teeth, which lets more light in: photographed smiles (London set) show it.
    """
    lips = np.concatenate(r.lips)
    reach = 0.9 * r.mouth_width
    x0, y0 = (int(max(0, c)) for c in points[lips, :2].min(0) - reach * np.array([0.6, 0.25]))
    x1, y1 = (int(max(0, c)) for c in points[lips, :2].max(0) + reach * np.array([0.6, 0.25]))
    inside = (label[y0:y1, x0:x1] == 1 + raster.INNER).astype(np.float32)
    if inside.size == 0 or not inside.any():
        return
    k = max(3, round(0.13 * r.mouth_width)) | 1
    light = cv2.blur(cv2.blur(inside, (k, k)), (k, k))
    drop = max(1, round(0.03 * r.mouth_width))
    light = np.vstack([np.repeat(light[:1], drop, 0), light[:-drop]]) if light.shape[0] > drop else light
    t = np.clip((light - 0.22 + 0.12 * smile) / (0.55 - 0.10 * smile), 0, 1)
    least = 0.42 + 0.18 * smile
    factor = least + (1 - least) * t * t * (3 - 2 * t)
    factor = 1 - opening * inside * (1 - factor)
    patch = out[y0:y1, x0:x1]
    patch[:] = (patch * factor[..., None] + 0.5).astype(np.uint8)


def _lid_shadow(out: U8, label: U8, quad: F32, amount: float) -> None:
    """Shadow of a raised upper lid on the eyeball, which the photograph shows further down."""
    x0, y0 = (int(max(0, c)) for c in quad[:, :2].min(0))
    x1, y1 = (int(max(0, c)) for c in quad[:, :2].max(0))
    inside = (label[y0:y1, x0:x1] == 1 + raster.EYE).astype(np.float32)
    if inside.size == 0 or not inside.any():
        return
    width = x1 - x0
    k = max(3, round(0.07 * width)) | 1
    light = cv2.blur(cv2.blur(inside, (k, k)), (k, k))
    drop = max(1, round(0.035 * width))
    light = np.vstack([np.zeros((drop, light.shape[1]), np.float32), light[:-drop]])
    factor = 1 - amount * inside * 0.42 * (1 - smoothstep((light - 0.15) / 0.6))
    patch = out[y0:y1, x0:x1]
    patch[:] = (patch * factor[..., None] + 0.5).astype(np.uint8)
