"""The packed training corpus: quantised log-mel of real speech, its visemes in time, and encoded emotion paths.

One .npz of a few megabytes holds all that training needs, so that a training machine needs neither recordings nor aligner.
"""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import MissingDataError

if TYPE_CHECKING:
    from .generator.visemes import Segments

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
STEP_DB, LOWEST_DB = 2.0, -60.0  # quantisation of the packed mel; below LOWEST_DB nothing is kept
NAME = "motion.npz"


def quantise(mel: F32) -> U8:
    """dB to steps, uint8."""
    return np.asarray(((mel - LOWEST_DB) / STEP_DB).round().clip(0, 255), np.uint8)


def dequantise(steps: U8) -> F32:
    """Steps to dB, float32."""
    return steps.astype(np.float32) * STEP_DB + LOWEST_DB


@dataclass(frozen=True)
class Bank:
    """Emotion paths: each row goes from one emotion to another in even steps.

    codes float32 [paths, points, 64] of EmotionEncoder (pooled); weights [paths, points, 7]; vad [paths, points, 3];
    gain [paths, points] (1, above 1 exaggerated).
    """

    codes: F32
    weights: F32
    vad: F32
    gain: F32


@dataclass(frozen=True)
class Pack:
    """mel: uint8 [frames of all utterances, 80]; bounds: int [utterances + 1] frame offsets; segments per utterance."""

    mel: U8
    bounds: NDArray[np.int64]
    segments: list[Segments]
    bank: Bank
    mean: F32  # per channel, float32 [62]
    std: F32

    def utterance(self, index: int) -> tuple[U8, Segments]:
        return self.mel[self.bounds[index] : self.bounds[index + 1]], self.segments[index]


def save(path: Path, mels: list[U8], segments: list[Segments], bank: Bank, mean: F32, std: F32) -> None:
    """Write a pack; mel is delta-coded along time and compressed."""
    mel = np.concatenate(mels)
    delta = np.diff(mel.astype(np.int16), axis=0, prepend=0).astype(np.int8)
    arrays: dict[str, Any] = {
        "mel": np.frombuffer(lzma.compress(np.ascontiguousarray(delta.T).tobytes(), preset=9), np.uint8),
        "bounds": np.cumsum([0] + [len(m) for m in mels]),
        "segment_counts": np.array([len(s.start) for s in segments]),
        "segments": np.concatenate([np.stack([s.start, s.end, s.viseme], 1) for s in segments]).astype(np.float32),
        "codes": bank.codes.astype(np.float16), "weights": bank.weights.astype(np.float16),
        "vad": bank.vad.astype(np.float16), "gain": bank.gain.astype(np.float16), "mean": mean, "std": std,
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez_compressed(part, **arrays)
    part.replace(path)


def load(path: Path) -> Pack:
    """Read a pack written by `save`."""
    from .generator.visemes import Segments

    if not path.is_file():
        raise MissingDataError(
            f"{path} is absent: run `python -m genstudio.models.talking_head.motion.prepare --data DIR` first"
        )
    with np.load(path) as f:
        z = {k: f[k] for k in f.files}
    bands = 80
    delta = np.frombuffer(lzma.decompress(z["mel"].tobytes()), np.int8).reshape(bands, -1).T
    mel = np.cumsum(delta, axis=0, dtype=np.int16).astype(np.uint8)
    cut = np.cumsum(z["segment_counts"])[:-1]
    segments = [
        Segments(s[:, 0].copy(), s[:, 1].copy(), s[:, 2].astype(np.int64)) for s in np.split(z["segments"], cut)
    ]
    bank = Bank(*(z[k].astype(np.float32) for k in ("codes", "weights", "vad", "gain")))
    return Pack(np.ascontiguousarray(mel), z["bounds"], segments, bank, z["mean"], z["std"])
