"""Motion as a binary glTF 2.0: the neutral face with ARKit's 52 morph targets, their weights over time, the head's turn.

Written to the Khronos specification (glTF 2.0, 2021); opens in Blender and in game engines. The mesh is the project's own
reduction of ICT-FaceKit (MIT, USC ICT), which the file's `copyright` says.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.media.files import SYNTHETIC, writing
from genstudio.protocols import Motion
from genstudio.signals.arkit import BLENDSHAPES

FLOAT, USHORT, UINT = 5126, 5123, 5125
ARRAY, ELEMENTS = 34962, 34963
_SKIN = [0.8, 0.62, 0.54, 1.0]
_CM = 0.01  # the model's unit is a centimetre, glTF's a metre


class _File:
    """Buffer, views and accessors as they grow."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, x: NDArray[Any], kind: str, component: int, target: int | None = None, bounds: bool = False) -> int:
        """Append an array; returns its accessor."""
        self.data += b"\0" * (-len(self.data) % 4)
        raw = np.ascontiguousarray(x).tobytes()
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(raw)}
        if target is not None:
            view["target"] = target
        self.data += raw
        self.views.append(view)
        count = x.size if kind == "SCALAR" else len(x)
        accessor: dict[str, Any] = {
            "bufferView": len(self.views) - 1, "componentType": component, "count": count, "type": kind,
        }  # fmt: skip
        if bounds:
            flat = x.reshape(count, -1)
            accessor |= {"min": flat.min(0).tolist(), "max": flat.max(0).tolist()}
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def export_glb(motion: Motion, path: Path | str) -> int:
    """Write a .glb; returns how many coefficients had to be bounded to 0..1. Raises OutputError."""
    from ..animator import face_model

    model = face_model.load()
    n = model.faces
    triangles = model.triangles[(model.triangles < n).all(1)]
    file = _File()
    position = file.add((model.neutral[:n] * _CM).astype("<f4"), "VEC3", FLOAT, ARRAY, bounds=True)
    index = file.add(triangles.astype("<u2").reshape(-1), "SCALAR", USHORT, ELEMENTS)
    targets = [
        {"POSITION": file.add((shape[:n] * _CM).astype("<f4"), "VEC3", FLOAT, ARRAY, bounds=True)}
        for shape in model.expression
    ]
    column = {c: i for i, c in enumerate(motion.channels)}
    weights = motion.values[:, [column[c] for c in BLENDSHAPES]]
    bounded = int(((weights < 0) | (weights > 1)).sum())
    times = file.add((np.arange(len(weights)) / motion.fps).astype("<f4"), "SCALAR", FLOAT, bounds=True)
    weight = file.add(np.clip(weights, 0, 1).astype("<f4").reshape(-1), "SCALAR", FLOAT)
    turns = _quaternions(*(motion.values[:, column[c]] for c in ("headYaw", "headPitch", "headRoll")))
    turn = file.add(turns.astype("<f4"), "VEC4", FLOAT)
    content = {
        "asset": {"version": "2.0", "generator": "genstudio", "copyright": f"{SYNTHETIC}; face shapes: ICT-FaceKit (MIT, USC ICT)"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": "head", "mesh": 0}],
        "meshes": [{
            "name": "face", "weights": [0.0] * len(BLENDSHAPES), "extras": {"targetNames": list(BLENDSHAPES)},
            "primitives": [{"attributes": {"POSITION": position}, "indices": index, "targets": targets, "material": 0}],
        }],
        "materials": [{"doubleSided": True, "pbrMetallicRoughness": {"baseColorFactor": _SKIN, "metallicFactor": 0}}],
        "animations": [{
            "name": "speech",
            "samplers": [{"input": times, "output": weight}, {"input": times, "output": turn}],
            "channels": [
                {"sampler": 0, "target": {"node": 0, "path": "weights"}},
                {"sampler": 1, "target": {"node": 0, "path": "rotation"}},
            ],
        }],
        "accessors": file.accessors,
        "bufferViews": file.views,
        "buffers": [{"byteLength": len(file.data)}],
    }  # fmt: skip
    text = json.dumps(content, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    file.data += b"\0" * (-len(file.data) % 4)
    with writing(path) as temporary:
        temporary.write_bytes(
            struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + len(file.data))
            + struct.pack("<I4s", len(text), b"JSON") + text
            + struct.pack("<I4s", len(file.data), b"BIN\0") + bytes(file.data)
        )  # fmt: skip
    return bounded


def _quaternions(yaw: NDArray[Any], pitch: NDArray[Any], roll: NDArray[Any]) -> NDArray[np.float64]:
    """Unit quaternions [frames, 4] (x, y, z, w) of the head in glTF's frame: x right, y up, z towards the viewer.

    Live Link's yaw turns to the subject's right (the viewer's left), positive pitch looks down, positive roll brings the
    top of the head to the viewer's left.
    """
    from scipy.spatial.transform import Rotation

    return Rotation.from_euler("ZYX", np.stack([roll, -yaw, pitch], 1)).as_quat()
