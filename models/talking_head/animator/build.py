"""Builds the shipped face model from ICT-FaceKit: `python -m genstudio.models.talking_head.animator.build --data DIR`.

Takes the front of the face, thins the mesh where neighbours explain a vertex, maps ICT's shapes to ARKit's 52
names, adds our own teeth, tongue and mouth, and writes weights/face_model.safetensors (MIT, see card.md).
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import MissingDataError
from genstudio.signals.arkit import BLENDSHAPES
from genstudio.signals.shapes import smoothstep

from . import brows, face_model, mesh, parts, shading, wrinkles
from .face_model import FaceModel

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

IDENTITIES = 40
FACE_VERTICES = 5200  # after thinning

# Multi-PIE 68 landmark vertices of the original mesh, from ICT-FaceKit's README
LANDMARKS = (
    1225, 1888, 1052, 367, 1719, 1722, 2199, 1447, 966, 3661, 4390, 3927, 3924, 2608, 3272, 4088, 3443, 268, 493, 1914,
    2044, 1401, 3615, 4240, 4114, 2734, 2509, 978, 4527, 4942, 4857, 1140, 2075, 1147, 4269, 3360, 1507, 1542, 1537,
    1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725, 3732, 5708, 5695, 2081, 0, 4275, 6200, 6213, 6346, 6461, 5518, 5957,
    5841, 5702, 5711, 5533, 6216, 6207, 6470, 5517, 5966,
)  # fmt: skip
LAST_FACE_VERTEX = 9408
LOWER_INCISORS = (20263, 20434)
UPPER_INCISORS = (18067, 18218)
LOWER_TEETH, UPPER_TEETH = (19247, 21450), (17039, 19246)


def arkit_shapes(names: list[str], shapes: F32) -> F32:
    """ICT's 57 shapes [57, V, 3] as ARKit's 52: sides renamed, two-sided ICT pairs summed, tongueOut still."""
    at = {n: i for i, n in enumerate(names)}
    out = np.zeros((len(BLENDSHAPES), *shapes.shape[1:]), np.float32)
    for k, name in enumerate(BLENDSHAPES):
        for source in (name, name.replace("Left", "_L").replace("Right", "_R"), f"{name}_L"):
            if source in at:
                out[k] = shapes[at[source]]
                if source == f"{name}_L":
                    out[k] += shapes[at[f"{name}_R"]]
                break
        else:
            if name != "tongueOut":
                raise ValueError(f"no ICT shape for {name}")
    return out


def front(neutral: F32, triangles: I32, source: NDArray[np.int32]) -> I32:
    """Triangles of the front of the face: no ears, no back of the neck."""
    x, y, z = neutral.T
    region = (source <= LAST_FACE_VERTEX) & (y > -13.5)
    ear = (np.abs(x) > 7.35) & (y < 4.6) & (y > -2.5) & (z < 2.6)
    region &= ~ear & (z > np.where(y < -5.5, 1.5, 0.6))
    return mesh.largest_component(triangles[region[triangles].all(1)], len(neutral))


def still_nostrils(neutral: F32, expression: F32, triangles: I32) -> F32:
    """Expression shapes in which the inside of a nostril moves as its rim does: no seam can open between them."""
    directions = np.array([[0, 0, 1], [0.6, 0, 0.8], [-0.6, 0, 0.8], [0, 0.5, 0.87], [0.3, 0.3, 0.9], [-0.3, 0.3, 0.9]])
    seen = mesh.visible(neutral, triangles, directions.astype(np.float32))
    x, y, z = neutral.T
    nose = np.zeros(len(neutral), bool)
    nose[triangles] = True
    nose &= (np.abs(x) < 1.9) & (y > -1.5) & (y < 0.9) & (z > 6)
    pocket, rim = np.flatnonzero(nose & ~seen), np.flatnonzero(nose & seen)
    distance = np.linalg.norm(neutral[pocket, None, :2] - neutral[None, rim, :2], axis=2)
    weight = 1 / (distance**2 + 0.02)
    weight /= weight.sum(1, keepdims=True)
    out = expression.copy()
    out[:, pocket] = np.einsum("pr,krc->kpc", weight, expression[:, rim])
    return out


def nearest(points: F32, to: F32) -> NDArray[np.int64]:
    from scipy.spatial import cKDTree

    found: NDArray[np.int64] = cKDTree(to).query(points)[1]
    return found


def rim_fade(points: F32, triangles: I32) -> F32:
    """0 at the outer edge of the face mesh, 1 from 1.5 units inside on."""
    from scipy.spatial import cKDTree

    outer = max(mesh.boundary_loops(triangles), key=len)
    distance = cKDTree(points[outer]).query(points)[0]
    return smoothstep(distance / 1.5).astype(np.float32)


def lid_edges(points: F32, triangles: I32) -> NDArray[np.uint8]:
    """The rims of the eye holes: 1, 2 upper and lower of the subject's left eye, 3, 4 of the right."""
    out = np.zeros(len(points), np.uint8)
    for loop in mesh.boundary_loops(triangles):
        ring = points[loop]
        centre = ring.mean(0)
        if len(loop) < 12 or not (1.8 < abs(centre[0]) < 4.5 and 2.5 < centre[1] < 4.5):
            continue
        ends = ring[[ring[:, 0].argmin(), ring[:, 0].argmax()]]
        line = np.interp(ring[:, 0], ends[:, 0], ends[:, 1])
        out[loop] = np.where(ring[:, 1] > line, 1, 2) + (0 if centre[0] > 0 else 2)
    return out


def build(data: Path) -> FaceModel:
    """The model from the ICT-FaceKit archive in `data`."""
    path = data / "ict_facekit" / "ict_facekit.npz"
    if not path.is_file():
        raise MissingDataError(
            f"ICT-FaceKit is not at {path}; get it from github.com/USC-ICT/ICT-FaceKit (see data's README)"
        )
    raw = np.load(path)
    neutral = raw["neutral"].astype(np.float32)
    identity = raw["identity"][:IDENTITIES].astype(np.float32)
    expression = arkit_shapes([str(n) for n in raw["expression_names"]], raw["expression"].astype(np.float32))
    source = raw["source_vertex"].astype(np.int32)
    number = {int(s): i for i, s in enumerate(source)}
    landmarks = np.array([number[i] for i in LANDMARKS])

    triangles = front(neutral, raw["triangles"].astype(np.int32), source)
    expression = still_nostrils(neutral, expression, triangles)
    used = np.unique(triangles)
    features = (
        np.concatenate([neutral[None] * 1.0, identity[:12] * 0.15, expression * 0.35], 0)
        .transpose(1, 0, 2)
        .reshape(len(neutral), -1)
    )
    x, y, _ = neutral.T
    keep = np.zeros(len(neutral), bool)
    keep[landmarks] = True
    for lower, upper in ((36, 42), (42, 48)):
        c = neutral[landmarks[lower:upper]].mean(0)
        keep |= (np.abs(x - c[0]) < 1.75) & (np.abs(y - c[1]) < 0.95)
    keep |= (np.abs(x) < 3.0) & (y > -4.9) & (y < -2.0)
    triangles = mesh.collapse(neutral, features.astype(np.float32), triangles, keep, FACE_VERTICES)
    used = np.unique(np.r_[triangles.ravel(), landmarks])
    new = np.full(len(neutral), -1)
    new[used] = np.arange(len(used))

    points, id_rows, ex_rows = [neutral[used]], [identity[:, used]], [brows.reach(neutral[used], expression[:, used])]
    atlas: list[NDArray[Any]]
    tris, part, atlas = [new[triangles]], [np.full(len(triangles), face_model.FACE)], [np.zeros((len(used), 2))]
    count = len(used)
    for k, piece in enumerate(parts.inner_parts(), 1):
        fixed = piece.name == "upper" or piece.name == "cavity"
        teeth = np.arange(*UPPER_TEETH) if piece.name == "upper" else np.arange(*LOWER_TEETH)
        rooted = np.array([number[int(i)] for i in teeth if int(i) in number])
        incisors = np.array([number[i] for i in range(*(UPPER_INCISORS if fixed else LOWER_INCISORS))])
        jaw = np.array([number[i] for i in range(*LOWER_INCISORS)])
        move = expression[:, jaw].mean(1)[:, None] * piece.jaw[None, :, None]
        if piece.name == "lower":
            move = expression[:, rooted[nearest(piece.points, neutral[rooted])]]
        if piece.name == "tongue":
            move = move.copy()
            move[BLENDSHAPES.index("tongueOut")] += parts.tongue_out(piece.points)
        same = identity[:, incisors].mean(1)[:, None]
        points.append(piece.points)
        id_rows.append(np.broadcast_to(same, (IDENTITIES, len(piece.points), 3)))
        ex_rows.append(move)
        tris.append(piece.triangles + count)
        part.append(np.full(len(piece.triangles), k))
        atlas.append(piece.uv)
        count += len(piece.points)

    face_tris = new[triangles].astype(np.int32)
    face_points = points[0]
    lower_lip = expression[BLENDSHAPES.index("jawOpen"), used, 1]
    fx, fy, _ = face_points.T
    mouth = (np.abs(fx) < 2.7) & (fy > -4.9) & (fy < -2.0)
    lip = np.where(mouth, np.where(lower_lip < -1.2, 2, 1), 0)
    central = (np.abs(fx) < 5.2) & (fy > -5.2) & (fy < 8)
    extra = count - len(used)
    model = FaceModel(
        neutral=np.concatenate(points).astype(np.float32),
        identity=np.concatenate(id_rows, 1).astype(np.float32),
        expression=np.concatenate(ex_rows, 1).astype(np.float32),
        triangles=np.concatenate(tris).astype(np.int32),
        part=np.concatenate(part).astype(np.uint8),
        atlas=np.concatenate(atlas).astype(np.float32),
        landmarks=new[landmarks].astype(np.int32),
        fade=np.r_[rim_fade(face_points, face_tris), np.ones(extra)].astype(np.float32),
        rim=np.r_[~central, np.zeros(extra)].astype(np.float32),
        lip=np.r_[lip, np.zeros(extra)].astype(np.uint8),
        lid=np.r_[lid_edges(face_points, face_tris), np.zeros(extra)].astype(np.uint8),
        wrinkles=wrinkles.author(np.zeros(wrinkles.SIZE[::-1], np.float32)),
        faces=len(used),
    )
    return replace(model, wrinkles=wrinkles.author(shading.smile(model, data, wrinkles.SIZE)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--out", type=Path, default=face_model.WEIGHTS)
    args = parser.parse_args()
    model = build(args.data)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    face_model.save(model, args.out, {"source": "ICT-FaceKit Light, USC ICT, MIT licence", "kind": "morphable face"})
    print(
        f"{args.out}: {model.faces} face vertices, {len(model.neutral)} in all, {len(model.triangles)} triangles, "
        f"{args.out.stat().st_size / 1e6:.2f} MB"
    )


if __name__ == "__main__":
    main()
