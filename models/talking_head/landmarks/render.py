"""Draws fitted portraits in new poses, expressions and light: training pictures whose 68 points are known exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from .fit import Fit, Model

F32 = NDArray[np.float32]
U8 = NDArray[Any]  # uint8, which OpenCV's own types do not say

MARGIN = 2.3
"""Half the side of a stored picture in face radii (see `geometry.radius_of`)."""


@numba.njit(cache=True, fastmath=True)  # type: ignore[misc]
def rasterise(xyz: F32, tri: NDArray[np.int32], size: int, which: NDArray[np.int32], bary: F32) -> None:
    """Z-buffer. xyz: [v, 3] pixels, larger z is nearer; which [s, s] gets the triangle or -1, bary [s, s, 2] weights of
    its second and third corner."""
    depth = np.full((size, size), -1e9, np.float32)
    for k in range(len(tri)):
        a, b, c = tri[k, 0], tri[k, 1], tri[k, 2]
        ax, ay, bx, by, cx, cy = xyz[a, 0], xyz[a, 1], xyz[b, 0], xyz[b, 1], xyz[c, 0], xyz[c, 1]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-9:
            continue
        x0, x1 = max(0, int(np.floor(min(ax, bx, cx)))), min(size - 1, int(np.ceil(max(ax, bx, cx))))
        y0, y1 = max(0, int(np.floor(min(ay, by, cy)))), min(size - 1, int(np.ceil(max(ay, by, cy))))
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                u = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area
                v = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area
                if u >= -1e-4 and v >= -1e-4 and u + v <= 1.0001:
                    z = xyz[a, 2] + u * (xyz[b, 2] - xyz[a, 2]) + v * (xyz[c, 2] - xyz[a, 2])
                    if z > depth[y, x]:
                        depth[y, x] = z
                        which[y, x] = k
                        bary[y, x, 0] = u
                        bary[y, x, 1] = v


def normals(xyz: F32, tri: NDArray[np.int32]) -> F32:
    """Vertex normals [v, 3], facing the viewer positive in z where the mesh is seen from the front."""
    face = np.cross(xyz[tri[:, 1]] - xyz[tri[:, 0]], xyz[tri[:, 2]] - xyz[tri[:, 0]])
    out = np.zeros_like(xyz)
    for k in range(3):
        for axis in range(3):
            out[:, axis] += np.bincount(tri[:, k], face[:, axis], minlength=len(xyz))
    return (out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)).astype(np.float32)


@dataclass(frozen=True)
class Stage:
    """What all renders share: triangles by layer. skin, teeth, socket index the mesh."""

    skin: NDArray[np.int32]
    teeth: NDArray[np.int32]
    socket: NDArray[np.int32]
    eyes: tuple[NDArray[np.int64], NDArray[np.int64]]
    sign: float


def stage(model: Model, fit: Fit) -> Stage:
    """Choose what is drawn, by how it looks in a fitted portrait."""
    tri, source = model.triangles, model.source
    n = normals(fit.shape, tri[(source <= 9408)[tri].all(1)])
    sign = float(np.sign(n[model.landmarks[30], 2]))
    n = n * sign
    face = (source <= 9408) & (n[:, 2] > 0.02) & (fit.shape[:, 1] < fit.shape[model.landmarks[8], 1] + 6)
    lips = np.linalg.norm(fit.shape[:, :2] - fit.shape[model.landmarks[62], :2], axis=1) < 60
    face |= (source <= 9408) & lips & (fit.shape[:, 2] > fit.shape[model.landmarks[36], 2])
    teeth = (source >= 17039) & (source <= 21450)
    socket = (source > 11247) & (source <= 13293)
    lm = model.landmarks
    return Stage(tri[face[tri].all(1)], tri[teeth[tri].all(1)], tri[socket[tri].all(1)], (lm[36:42], lm[42:48]), sign)


def random_expression(model: Model, rng: np.random.Generator) -> F32:
    """Coefficients [57] of a mostly symmetric random face, mouths and lids favoured."""
    w = np.zeros(len(model.names), np.float32)
    stems = sorted({n.removesuffix("_L").removesuffix("_R") for n in model.names})
    index: dict[str, int] = {n: i for i, n in enumerate(model.names)}

    def put(stem: str, value: float) -> None:
        for name in (stem, stem + "_L", stem + "_R"):
            if name in index:
                w[index[name]] = value * rng.uniform(0.75, 1.0)

    for stem in rng.choice(stems, rng.integers(2, 8), replace=False):
        put(str(stem), rng.uniform(0, 0.9))
    if rng.random() < 0.45:
        put("jawOpen", rng.uniform(0.05, 0.8))
    if rng.random() < 0.35:
        put("mouthSmile", rng.uniform(0.3, 1.1))
    blink = rng.random()
    put("eyeBlink", rng.uniform(0.5, 1.0) if blink < 0.15 else rng.uniform(0, 0.35))
    return w


def _rotation(yaw: float, pitch: float) -> F32:
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    return (nod @ turn).astype(np.float32)


def draw(
    model: Model,
    first: tuple[U8, Fit, Stage],
    second: tuple[U8, Fit, Stage],
    ground: U8,
    rng: np.random.Generator,
    size: int = 144,
    over: int = 2,
) -> tuple[U8, F32]:
    """One picture. first gives shape, hair and most of the skin, second is mixed into the skin; ground: RGB background
    [s, s, 3]. → uint8 [size, size, 3], points float32 [68, 2] in its pixels."""
    import cv2

    photo, fit, plan = first
    other, fit2, _ = second
    lm = model.landmarks
    b = (rng.standard_normal(len(model.identity)) * rng.uniform(0, 0.6)).astype(np.float32)
    w = random_expression(model, rng)
    shape = fit.shape + (np.tensordot(b, model.identity, 1) + np.tensordot(w, model.expression, 1)) @ fit.turn.T
    if rng.random() < 0.5:
        shape[:, 1] *= rng.uniform(0.94, 1.06)
    # further layers: eye plates behind the lids, the photo as a board behind the head
    verts, uv, uv2, tris = [shape], [fit.shape[:, :2]], [fit2.shape[:, :2]], [plan.skin]
    count = len(shape)
    for ring in plan.eyes:
        for piece, into in ((fit.shape, uv), (fit2.shape, uv2)):
            centre = piece[ring].mean(0)
            plate = centre + (piece[ring] - centre) * 0.85
            into.append(np.r_[plate, centre[None]][:, :2])
        centre = shape[ring].mean(0)
        wide = fit.shape[ring] - fit.shape[ring].mean(0)
        wide[:, 1] = wide[:, 1] * 1.7
        plate = centre + wide * 1.25
        plate[:, 2] = shape[ring, 2].min() - 4
        verts.append(np.r_[plate, [[centre[0], centre[1], plate[0, 2]]]])
        k = np.arange(6)
        tris.append((np.stack([k, (k + 1) % 6, np.full(6, 6)], 1) + count).astype(np.int32))
        count += 7
    h, wd = photo.shape[:2]
    gx, gy = np.meshgrid(np.linspace(0, wd - 1, 9), np.linspace(0, h - 1, 9))
    board = np.stack([gx.ravel(), gy.ravel()], 1).astype(np.float32)
    back = np.percentile(fit.shape[np.unique(plan.skin), 2], 12)
    verts.append(np.c_[board, np.full(len(board), back)])
    uv.append(board)
    uv2.append(board)
    cell = np.arange(81).reshape(9, 9)
    quads = np.r_[
        np.stack([cell[:-1, :-1], cell[:-1, 1:], cell[1:, 1:]], -1).reshape(-1, 3),
        np.stack([cell[:-1, :-1], cell[1:, 1:], cell[1:, :-1]], -1).reshape(-1, 3),
    ]
    tris += [(quads + count).astype(np.int32), plan.teeth, plan.socket]
    kind = np.repeat(np.array([0, 1, 1, 2, 3, 4]), [len(t) for t in tris])
    tri = np.concatenate(tris)
    xyz = np.concatenate(verts).astype(np.float32)
    tex, tex2 = np.concatenate(uv).astype(np.float32), np.concatenate(uv2).astype(np.float32)
    # pose
    yaw = float(np.clip(rng.normal(0, 0.38), -0.95, 0.95))
    pitch = float(np.clip(rng.normal(0, 0.17), -0.4, 0.4))
    pivot = np.r_[fit.points.mean(0), back].astype(np.float32)
    before = normals(fit.shape, plan.skin) * plan.sign
    xyz = (xyz - pivot) @ _rotation(yaw, pitch).T
    far = rng.uniform(1200, 4000)
    xyz[:, :2] *= far / (far - xyz[:, 2:3])
    after = normals(xyz[: len(shape)], plan.skin) * plan.sign
    points = xyz[lm, :2]
    centre = points.mean(0)
    radius = float(np.sqrt(((points - centre) ** 2).sum(1).mean()))
    s = size * over
    scale = s / 2 / (MARGIN * radius)
    xyz[:, :2] = (xyz[:, :2] - centre) * scale + s / 2
    xyz[:, 2] *= scale
    which = np.full((s, s), -1, np.int32)
    bary = np.zeros((s, s, 2), np.float32)
    rasterise(xyz, tri, s, which, bary)
    hit = which >= 0
    t = tri[which]
    u, v = bary[..., :1], bary[..., 1:]

    def spread(values: F32) -> F32:
        return (values[t[..., 0]] * (1 - u - v) + values[t[..., 1]] * u + values[t[..., 2]] * v).astype(np.float32)

    where, where2 = spread(tex), spread(tex2)
    colour = cv2.remap(photo, where[..., 0], where[..., 1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE).astype(
        np.float32
    )
    layer = np.where(hit, kind[which], 2)
    skin = (layer == 0) | (layer == 1)
    if skin.any():
        alpha = rng.uniform(0, 0.9) if rng.random() < 0.6 else 0.0
        mixed = cv2.remap(other, where2[..., 0], where2[..., 1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
        mixed = mixed.astype(np.float32)
        m1, m2 = colour[skin].mean(0), mixed[skin].mean(0)
        colour[skin] = (1 - alpha) * colour[skin] + alpha * np.clip(mixed[skin] - m2 + m1, 0, 255)
    # light: how the turned, moved skin is lit against how it was in the photo
    direction = rng.normal(0, 1, 3)
    direction[2] = abs(direction[2]) + 0.3
    direction /= np.linalg.norm(direction)
    power = rng.uniform(0, 0.75)
    gain = np.ones(len(xyz), np.float32)
    gain[: len(shape)] = 1 + power * (np.clip(after @ direction, -0.3, 1) - np.clip(before[:, 2], 0.2, 1) * 0.75)
    shade = np.clip(spread(gain[:, None]), 0.25, 1.8)
    colour = np.where((layer == 0)[..., None], colour * shade, colour)
    enamel = np.array([205, 198, 186], np.float32) * rng.uniform(0.5, 1.0)
    deep = np.array([88, 42, 42], np.float32) * rng.uniform(0.3, 1.2)
    colour[layer == 3] = enamel * rng.uniform(0.85, 1.0)
    colour[layer == 4] = deep
    # studio background of the photo → another picture
    corner = np.median(np.r_[photo[:20, :20].reshape(-1, 3), photo[:20, -20:].reshape(-1, 3)], 0).astype(np.float32)
    keyed = np.clip((np.abs(colour - corner).max(-1) - 14) / 26, 0, 1)
    board_alpha = np.where((layer == 2) & hit, keyed, 1.0) if rng.random() < 0.8 else np.ones_like(keyed)
    board_alpha = cv2.GaussianBlur(np.where(hit, board_alpha, 0).astype(np.float32), (0, 0), 1.0)[..., None]
    board_alpha[skin] = 1
    ground_big = cv2.resize(ground, (s, s), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    out = colour * board_alpha + ground_big * (1 - board_alpha)
    small = cv2.resize(np.clip(out, 0, 255).astype(np.uint8), (size, size), interpolation=cv2.INTER_AREA)
    return small, ((xyz[lm, :2] + 0.5) / over - 0.5).astype(np.float32)


def sheet(pictures: list[U8], points: list[F32] | None = None, across: int = 12, zoom: int = 1) -> U8:
    """A contact sheet, with points drawn when given. For looking at."""
    import cv2

    tiles: list[Any] = []
    for k, picture in enumerate(pictures):
        tile = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
        if points is not None:
            for x, y in points[k]:
                cv2.circle(tile, (round(float(x) * zoom), round(float(y) * zoom)), 1, (0, 255, 0), -1, cv2.LINE_AA)
        tiles.append(tile)
    while len(tiles) % across:
        tiles.append(np.zeros_like(tiles[0]))
    return np.vstack([np.hstack(tiles[k : k + across]) for k in range(0, len(tiles), across)])
