"""Everything prepared once for one portrait, so that a frame is a matrix product and a drawing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from . import blink, face_model, mouth, raster, turn, underlay, wrinkles
from .crop import Crop
from .eyes import Eye, make_eye
from .face_model import FaceModel
from .fit import Fit, mouth_frame, mouth_gap

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]

EYE_MARKS = ((42, 48), (36, 42))
OUTER = 4.0  # model units from the middle beyond which the face lets go where it turns away
# depth of folds over skin grey g: FOLD (PALE / g) ** DARKER. By how much one widening of the mouth changes the light on a face in
# smiles of 45 white and 10 black London people (training identities): 1.6 times as much, in logarithms, at half the grey level
FOLD, PALE, DARKER, FOLD_RANGE = 0.82, 183.0, 0.65, (0.8, 1.5)
PIVOT = (0.0, -4.0, -2.0)  # where the head turns, in the face model's frame


@dataclass(frozen=True)
class Rig:
    """N drawn vertices (face, mouth interior, eye quads), then G grid vertices of the underlay.

    points float32 [N + G, 3] texture pixels and depth at rest; basis float32 [52, (N + G) * 3]; head [N + G]: share of
    the head's motion; uv [N, 4]; slide [N, 2]: how lip texture slips off the line of the closed mouth as it opens;
    alpha [N]; facing [N, 3]: unit normals of the face's outer part, the others towards the viewer; bias [N]: depth pushed
    back for drawing; inside [N]: 1 on the insides of the lips; lids [2, N]: 1 where a closed lid is drawn in plain skin;
    paint [N, 3]: the colour of both;
    triangles, material: what is drawn; grid: the underlay's triangles, grid_uv [G, 2] its places at rest;
    maps [W, h * w] wrinkles over the box `shade_box` of a shade picture of `shade_shape`; drivers [W, 52]; tint [3].
    """

    texture: U8
    margin: int
    size: int
    points: F32
    basis: F32
    head: F32
    uv: F32
    slide: F32
    alpha: F32
    facing: F32
    bias: F32
    inside: F32
    lids: F32
    paint: F32
    triangles: I32
    material: U8
    grid: I32
    grid_uv: F32
    maps: F32
    shade_shape: tuple[int, int]
    shade_box: tuple[int, int, int, int]
    drivers: F32
    tint: F32
    eyes: tuple[Eye, Eye]
    atlas: U8
    pivot: F32
    scale: float
    lips: tuple[I32, I32]
    lid_gap: F32
    lid_slope: F32
    mouth_width: float
    mouth_open: bool

    @property
    def drawn(self) -> int:
        """N."""
        return len(self.uv)


def normals(points: F32, triangles: I32) -> F32:
    """Unit vertex normals [V, 3], towards the viewer positive in z."""
    t = points[triangles]
    face = np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0])
    out = np.zeros_like(points)
    for k in range(3):
        np.add.at(out, triangles[:, k], face)
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-9
    return -out  # picture axes are left-handed (y down), so the model's outward winding comes out reversed


def build(model: FaceModel, fit: Fit, crop: Crop, landmarks: F32) -> Rig:
    """landmarks [68, 2] in texture pixels."""
    texture, total = crop.texture, crop.texture.shape[0]
    size = total - 2 * crop.margin
    n_face, points = model.faces, fit.points.copy()
    face_tris = np.ascontiguousarray(model.triangles[model.part == face_model.FACE])
    shapes = fit.displace(model.expression)
    _settle_mouth(model, points, landmarks)
    blink.close_all_along(model, points, shapes)
    depth = raster.depth(points, face_tris, total, total)
    at = np.clip(np.round(points[:n_face, :2]).astype(int), 0, total - 1)
    in_picture = (points[:n_face, :2] >= 0).all(1) & (points[:n_face, :2] < total).all(1)
    seen = in_picture & (points[:n_face, 2] > depth[at[:, 1], at[:, 0]] - 0.10 * fit.scale)
    facing = np.tile(np.array([0, 0, 1], np.float32), (len(points), 1))
    rim = np.flatnonzero(model.rim[:n_face] > 0.5)
    outer = np.union1d(rim, np.flatnonzero(np.abs(model.neutral[:n_face, 0]) > OUTER))
    facing[outer] = normals(points[:n_face], face_tris)[outer]
    alpha = np.r_[model.fade[:n_face], np.ones(len(points) - n_face)].astype(np.float32)
    alpha[rim] *= turn.seen(facing[rim, 2])

    mouth_width = float(np.linalg.norm(landmarks[54] - landmarks[48]))
    uv = np.concatenate([points[:, :2], model.atlas], 1).astype(np.float32)
    _behind_the_nose(model, points, uv, seen)
    slide = _lips(model, points, uv, landmarks, mouth_width)
    skin = _skin(texture, landmarks)
    opening = (depth < -1e8).astype(np.uint8)
    eyes = tuple(make_eye(texture, landmarks[a:b], _eye_opening(opening, landmarks[a:b]), skin) for a, b in EYE_MARKS)
    light = np.mean([e.white for e in eyes], 0) * 1.12
    light = np.maximum(0.5 * light + 0.5 * light.max(), skin.max())
    colour = float(np.clip((skin.max() - skin.min()) / max(float(skin.max()), 1.0) / 0.12, 0, 1))
    lip = np.median(texture[blink.disc(landmarks[[57, 66]].mean(0), 0.08 * mouth_width, total)], 0)

    quads, quad_tris = _eye_quads(points, model, eyes)
    count = len(points)
    points = np.r_[points, quads]
    uv = np.r_[uv, np.c_[quads[:, :2], np.zeros((8, 2))]]
    slide = np.r_[slide, np.zeros((8, 2), np.float32)]
    alpha = np.r_[alpha, np.ones(8, np.float32)]
    facing = np.r_[facing, np.tile(np.array([0, 0, 1], np.float32), (8, 1))]
    bias = np.zeros(len(points), np.float32)
    bias[count:] = 2.5 * fit.scale
    material = np.where(model.part == face_model.FACE, raster.SKIN, raster.INNER)
    visible = underlay.make(total, points[:n_face], shapes[:, :n_face], seen, 2.6 * fit.scale)
    everything = np.r_[points, visible.points].astype(np.float32)
    basis = np.concatenate([shapes, np.zeros((52, 8, 3), np.float32), visible.basis], 1)
    basis[np.abs(basis) < 1e-4] = 0  # denormal numbers would make the product slow
    inside = np.zeros(len(points), np.float32)
    lids, paint = blink.skin_under(model, texture, points[:-8], shapes, landmarks)
    paint[np.flatnonzero(model.lip)] = lip * (0.43 + colour * np.array([0.07, -0.03, -0.03]))
    inside[:n_face] = _inside(model, face_tris, seen, points[:n_face], landmarks)
    maps, shape, box = _wrinkle_maps(model, fit, points[:n_face], face_tris, total)
    gain, tint = _skin_response(skin)
    tint = (1 + colour * (tint - 1)).astype(np.float32)
    gaps, slopes = blink.gaps(model, points, shapes)
    inner = (model.landmarks[[61, 62, 63]], model.landmarks[[67, 66, 65]])
    pivot = np.r_[points[:n_face, :2].mean(0), 0].astype(np.float32)
    centre = model.neutral[:n_face].mean(0)
    offset = fit.displace(np.array(PIVOT, np.float32) - centre)
    pivot = np.r_[points[:n_face].mean(0) + offset].astype(np.float32)
    return Rig(
        texture=texture, margin=crop.margin, size=size, points=everything,
        basis=np.ascontiguousarray(basis.reshape(52, -1), np.float32),
        head=underlay.head_weight(everything[:, :2], landmarks), uv=np.ascontiguousarray(uv, np.float32),
        slide=slide, alpha=alpha, facing=facing, bias=bias, inside=inside, lids=lids, paint=paint,
        triangles=np.ascontiguousarray(np.r_[model.triangles, quad_tris + count].astype(np.int32)),
        material=np.r_[material, np.full(4, raster.EYE)].astype(np.uint8), grid=visible.triangles,
        grid_uv=np.ascontiguousarray(visible.points[:, :2]),
        maps=maps * gain, shade_shape=shape, shade_box=box, drivers=wrinkles.weights(), tint=tint,
        eyes=(eyes[0], eyes[1]), atlas=mouth.paint(light.astype(np.float32), lip.astype(np.float32), colour), pivot=pivot,
        scale=fit.scale, lips=inner, lid_gap=gaps, lid_slope=slopes, mouth_width=mouth_width,
        mouth_open=mouth_gap(landmarks) > 0.1,
    )  # fmt: skip


def _skin(texture: U8, landmarks: F32) -> F32:
    """Median colour of the cheeks and the bridge of the nose."""
    total, unit = texture.shape[0], float(np.linalg.norm(landmarks[39] - landmarks[42]))
    spots = [landmarks[28], 0.5 * (landmarks[41] + landmarks[48]), 0.5 * (landmarks[46] + landmarks[54])]
    mask = np.zeros((total, total), bool)
    for spot in spots:
        mask |= blink.disc(spot, 0.2 * unit, total)
    return np.asarray(np.median(texture[mask], 0), np.float32)


def _skin_response(skin: F32) -> tuple[float, F32]:
    """How strongly folds show and how much each channel takes: on pale skin shallow and reddish, on dark skin even."""
    grey = max(float(skin @ np.array([0.3, 0.59, 0.11])), 1.0)
    pale = float(np.clip((grey - 70) / 120, 0, 1))
    tint = np.array([0.72, 1.04, 1.10]) * pale + np.array([1.0, 1.02, 1.0]) * (1 - pale)
    gain = np.clip(FOLD * (PALE / grey) ** DARKER, *FOLD_RANGE)
    return float(gain), tint.astype(np.float32)


def _behind_the_nose(model: FaceModel, points: F32, uv: F32, seen: NDArray[np.bool_]) -> None:
    """Textures what the nose hides from the nearest place that is seen, in place: a turn brings it forth."""
    from scipy.spatial import cKDTree

    x, y = np.abs(model.neutral[: model.faces, 0]), model.neutral[: model.faces, 1]
    hidden = np.flatnonzero(~seen & (x < 2.6) & (y > -1.6) & (y < 3))
    shown = np.flatnonzero(seen)
    uv[hidden, :2] = points[shown[cKDTree(points[shown]).query(points[hidden])[1]], :2]


def _settle_mouth(model: FaceModel, points: F32, landmarks: F32) -> None:
    """Moves teeth and tongue with what the spline did to the mouth, in place."""
    lips = model.landmarks[48:68]
    want = landmarks[48:68].mean(0) - points[lips, :2].mean(0)
    points[model.faces :, :2] += want


def _lips(model: FaceModel, points: F32, uv: F32, landmarks: F32, width: float) -> F32:
    """Textures the hidden insides of the lips from their own side of the seam; returns `slide` [V, 2]."""
    slide = np.zeros((len(points), 2), np.float32)
    if mouth_gap(landmarks) > 0.1:
        return slide
    frame = mouth_frame(landmarks)
    s, d = frame.locate(points[:, :2])
    within = (s > 0) & (s < 1)
    for lip, sign in ((1, 1.0), (2, -1.0)):
        mine = (model.lip == lip) & within
        crossed = mine & (d * sign > 0)
        uv[:, :2] -= (np.where(crossed, 2 * d, 0) * width)[:, None] * frame.down
        close = np.exp(-((d / 0.035) ** 2)) * mine
        slide -= (sign * 0.035 * width * close)[:, None] * frame.down
    return slide


def _inside(model: FaceModel, triangles: I32, seen: NDArray[np.bool_], points: F32, landmarks: F32) -> F32:
    """1 on the hidden insides of the lips, falling to 0 over the first ring of seen vertices: [faces]."""
    value = ((model.lip[: model.faces] > 0) & ~seen).astype(np.float32)
    total, count = np.zeros_like(value), np.zeros_like(value)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        for p, q in ((a, b), (b, a)):
            np.add.at(total, triangles[:, p], value[triangles[:, q]])
            np.add.at(count, triangles[:, p], 1)
    hidden = np.where(seen, 0, 0.5 * value + 0.5 * total / np.maximum(count, 1))
    if (
        mouth_gap(landmarks) < 0.1
    ):  # the line along which closed lips touch is dark in the photograph: lips apart lose it
        s, d = mouth_frame(landmarks).locate(points[:, :2])
        touching = 0.7 * np.exp(-((d / 0.012) ** 2)) * (model.lip[: model.faces] > 0) * (s > -0.05) * (s < 1.05)
        hidden = np.maximum(hidden, touching)
    return np.asarray(hidden, np.float32)


def _eye_opening(opening: U8, marks: F32) -> NDArray[np.bool_]:
    """The hole of the face mesh around one eye, as a mask over the texture."""
    mask = np.zeros_like(opening)
    hull = cv2.convexHull(np.round(marks).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, 1)
    width = float(np.ptp(marks[:, 0]))
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8), iterations=max(1, round(0.06 * width)))
    return np.asarray((opening > 0) & (near > 0))


def _eye_quads(points: F32, model: FaceModel, eyes: tuple[Eye, ...]) -> tuple[F32, I32]:
    """Two triangles an eye, just behind the lids."""
    corners = []
    for eye, (a, b) in zip(eyes, EYE_MARKS, strict=True):
        z = points[model.landmarks[a:b], 2].mean()
        h, w = eye.known.shape
        x0, y0, x1, y1 = eye.x, eye.y, eye.x + w - 1, eye.y + h - 1
        corners += [[x0, y0, z], [x1, y0, z], [x1, y1, z], [x0, y1, z]]
    return np.array(corners, np.float32), np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]], np.int32)


def _wrinkle_maps(
    model: FaceModel, fit: Fit, points: F32, triangles: I32, total: int
) -> tuple[F32, tuple[int, int], tuple[int, int, int, int]]:
    """Wrinkle maps drawn where they fall on this face: [W, h * w] over a box of the shade picture."""
    side = min(total, 320)
    k = side / total
    small = np.ascontiguousarray(np.c_[(points[:, :2] + 0.5) * k - 0.5, points[:, 2]], np.float32)
    where, depth = raster.interpolate(
        small, triangles, np.ascontiguousarray(model.neutral[: model.faces, :2]), side, side
    )
    ys, xs = np.nonzero(depth > -1e8)
    x0, x1, y0, y1 = int(xs.min()), int(xs.max()) + 1, int(ys.min()), int(ys.max()) + 1
    fx0, fy0, fx1, fy1 = face_model.WRINKLE_FRAME
    h, w = model.wrinkles.shape[1:]
    part = where[y0:y1, x0:x1]
    outside = depth[y0:y1, x0:x1] < -1e8
    mx = ((part[..., 0] - fx0) / (fx1 - fx0) * (w - 1)).astype(np.float32)
    my = ((fy1 - part[..., 1]) / (fy1 - fy0) * (h - 1)).astype(np.float32)
    out = []
    for m in model.wrinkles:
        drawn = cv2.remap(m, mx, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        drawn[outside] = 0
        out.append(drawn.ravel())
    return np.stack(out).astype(np.float32), (side, side), (x0, y0, x1, y1)
