"""The morphable face that moves every portrait: a reduced front of the face with teeth, tongue and the dark of the mouth.

Its shapes were taken over from ICT-FaceKit (MIT, USC Institute for Creative Technologies) by `build.py`. Frame: about a centimetre
a unit, x to the subject's left (right in the picture), y up, z towards the viewer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]

WEIGHTS = Path(__file__).parent / "weights" / "face_model.safetensors"
FACE, UPPER, LOWER, TONGUE, CAVITY = range(5)  # parts
WRINKLE_FRAME = (-8.5, -10.0, 8.5, 12.5)  # x0, y0, x1, y1 of the wrinkle maps in the model's frame
WRINKLE_SIDE = 0.625  # share of the frame's width a side's maps are kept for
WRINKLE_SCALE = 0.7  # log brightness of a full int8 step of 127


@dataclass(frozen=True)
class FaceModel:
    """V vertices (the first `faces` of them the face itself), T triangles.

    neutral float32 [V, 3]; identity [K, V, 3], a unit coefficient is one standard deviation; expression [52, V, 3] in
    the order of `genstudio.signals.arkit.BLENDSHAPES`; triangles int32 [T, 3]; part uint8 [T] of each triangle;
    atlas float32 [V, 2]: texels of the mouth atlas; landmarks int32 [68]: vertices of the iBUG points;
    fade [V]: 0 at the outer rim, 1 inside; rim [V]: 1 where a vertex may fade when it turns away; lip uint8 [V]:
    1 upper, 2 lower, 0 other; lid uint8 [V]: edges of the lids, 1 and 2 upper and lower of the subject's left eye, 3 and 4 of
    the right; wrinkles float32 [W, h, w]: log brightness over WRINKLE_FRAME, row 0 at the top.
    """

    neutral: F32
    identity: F32
    expression: F32
    triangles: I32
    part: U8
    atlas: F32
    landmarks: I32
    fade: F32
    rim: F32
    lip: U8
    lid: U8
    wrinkles: F32
    faces: int


def save(model: FaceModel, path: Path, metadata: dict[str, str]) -> None:
    """Writes the model: expression sparse in float16, identity int8 with a scale a mode."""
    from safetensors.numpy import save_file

    moved = np.abs(model.expression).max(2) > 1.5e-3
    scale = np.abs(model.identity).reshape(len(model.identity), -1).max(1) / 127
    tensors = {
        "neutral": model.neutral.astype(np.float32),
        "identity": np.round(model.identity / scale[:, None, None]).astype(np.int8),
        "identity_scale": scale.astype(np.float32),
        "expression_mask": np.packbits(moved),
        "expression_values": model.expression[moved].astype(np.float16),
        "triangles": model.triangles.astype(np.uint16),
        "part": model.part,
        "atlas": model.atlas.astype(np.float16),
        "landmarks": model.landmarks.astype(np.uint16),
        "fade": model.fade.astype(np.float16),
        "rim": model.rim.astype(np.float16),
        "lip": model.lip,
        "lid": model.lid,
        "wrinkles": _halves(np.round(model.wrinkles / WRINKLE_SCALE * 127).clip(-127, 127).astype(np.int8)),
    }
    save_file(tensors, str(path), {**metadata, "faces": str(model.faces)})


def _halves(maps: NDArray[np.int8]) -> NDArray[np.int8]:
    """Left and right maps [W, h, w] in turn, without the empty part of the other side: [W, h, w * WRINKLE_SIDE]."""
    width = round(maps.shape[2] * WRINKLE_SIDE)
    return np.stack([m[:, -width:] if k % 2 == 0 else m[:, :width] for k, m in enumerate(maps)])


def _whole(halves: NDArray[np.int8]) -> NDArray[np.int8]:
    """The maps over the whole face again."""
    count, h, width = halves.shape
    out = np.zeros((count, h, round(width / WRINKLE_SIDE)), np.int8)
    out[::2, :, -width:], out[1::2, :, :width] = halves[::2], halves[1::2]
    return out


@lru_cache(maxsize=1)
def load(path: Path = WEIGHTS) -> FaceModel:
    """The shipped model (read once)."""
    from safetensors import safe_open

    from genstudio.errors import MissingWeightsError

    if not path.is_file():
        raise MissingWeightsError(
            f"the face model is missing at {path}; reinstall, or build it: python -m genstudio.models.talking_head.animator.build"
        )
    with safe_open(str(path), "np") as f:
        t = {k: f.get_tensor(k) for k in f.keys()}  # noqa: SIM118
        faces = int(f.metadata()["faces"])
    v = len(t["neutral"])
    moved = np.unpackbits(t["expression_mask"], count=52 * v).reshape(52, v).astype(bool)
    expression = np.zeros((52, v, 3), np.float32)
    expression[moved] = t["expression_values"]
    return FaceModel(
        neutral=t["neutral"],
        identity=t["identity"].astype(np.float32) * t["identity_scale"][:, None, None],
        expression=expression,
        triangles=t["triangles"].astype(np.int32),
        part=t["part"],
        atlas=t["atlas"].astype(np.float32),
        landmarks=t["landmarks"].astype(np.int32),
        fade=t["fade"].astype(np.float32),
        rim=t["rim"].astype(np.float32),
        lip=t["lip"],
        lid=t["lid"],
        wrinkles=_whole(t["wrinkles"]).astype(np.float32) * (WRINKLE_SCALE / 127),
        faces=faces,
    )
