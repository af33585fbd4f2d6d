"""What the embedded face descriptor trains on, in one file: grey faces and what the teacher says of them.

FER-2013's crops lie in it as quantised 8 x 8 cosine transforms (as in JPEG), frequency by frequency, LZMA-compressed: about 1 kB
a face, so that all 28,709 and their targets fit 35 MB.
"""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.media.files import writing

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
PAPER, CROP = 64, 48  # pixels of a face with what is around it, and of FER-2013's crops
HELD = 20  # every 20th FER face watches the training
LONDON_TIMES = 20  # each London picture counts so often: they are few and sharp
_BLOCK = 8
_STEP = 3 + 1.1 * np.add.outer(np.arange(8), np.arange(8)) ** 1.3  # quantiser of each frequency, grey levels


def _cosines() -> F32:
    k, x = np.arange(_BLOCK)[:, None], np.arange(_BLOCK)[None]
    c = np.sqrt(2 / _BLOCK) * np.cos(np.pi * (2 * x + 1) * k / (2 * _BLOCK))
    c[0] /= np.sqrt(2)
    return c.astype(np.float32)


def encode(faces: U8) -> U8:
    """uint8 [n, 48, 48] as bytes, uint8 [m]; `decode` gives them back with about 1.5 % of RMS error."""
    n, c = len(faces), _cosines()
    blocks = (faces.astype(np.float32) - 128).reshape(n, CROP // 8, 8, CROP // 8, 8).transpose(0, 1, 3, 2, 4)
    levels = np.round(c @ blocks @ c.T / _STEP).astype(np.int16)
    by_frequency = levels.reshape(n, -1, 64).transpose(2, 0, 1)
    return np.frombuffer(lzma.compress(np.ascontiguousarray(by_frequency).tobytes(), preset=2), np.uint8)


def decode(packed: U8) -> U8:
    """What `encode` was given, nearly."""
    c, side = _cosines(), CROP // 8
    levels = np.frombuffer(lzma.decompress(packed.tobytes()), np.int16).reshape(64, -1, side * side).transpose(1, 2, 0)
    out = np.empty((len(levels), CROP, CROP), np.uint8)
    for i in range(0, len(out), 1024):
        part = levels[i : i + 1024].reshape(-1, side, side, 8, 8) * _STEP.astype(np.float32)
        blocks = (c.T @ part @ c).transpose(0, 1, 3, 2, 4).reshape(-1, CROP, CROP)
        out[i : i + 1024] = (blocks + 128).round().clip(0, 255)
    return out


@dataclass(frozen=True)
class Pack:
    """faces: uint8 [n, 64, 64]; targets: float32 [n, 128], the teacher's descriptors less their mean, of length 1; held: bool [n],
    not for learning; mean: float32 [128], the teacher's mean descriptor of FER-2013's faces."""

    faces: U8
    targets: F32
    held: NDArray[np.bool_]
    mean: F32


def save(path: Path, crops: U8, said: F32, london: U8, london_said: F32) -> None:
    """crops: FER-2013's [n, 48, 48], said: the teacher's [n, 128] of them; london: [m, 64, 64], london_said: [m, 128]."""
    mean = said.mean(0)
    arrays: dict[str, Any] = {"crops": encode(crops), "london": london, "mean": mean.astype(np.float32)}
    for name, x in (("said", said - mean), ("london_said", london_said - mean)):
        x = x / np.linalg.norm(x, axis=1, keepdims=True)
        arrays[name] = np.round(x * 254).clip(-127, 127).astype(np.int8)  # beyond a half lies almost nothing
    with writing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


def load(path: Path) -> Pack:
    """Read a pack, FER-2013's crops widened by their edges."""
    with np.load(path) as f:
        crops, london, mean = decode(f["crops"]), f["london"], f["mean"]
        targets = np.concatenate([f["said"], np.repeat(f["london_said"], LONDON_TIMES, 0)]).astype(np.float32)
    pad = (PAPER - CROP) // 2
    wide = np.pad(crops, ((0, 0), (pad, pad), (pad, pad)), mode="edge")
    held = np.arange(len(targets)) % HELD == HELD - 1
    held[len(wide) :] = False
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    return Pack(np.concatenate([wide, np.repeat(london, LONDON_TIMES, 0)]), targets, held, mean)
