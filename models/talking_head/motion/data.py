"""Training sessions made on the fly: real speech put together at random, motion generated for it, in worker processes."""

from __future__ import annotations

import queue
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genstudio.media.rates import FRAME_RATE, MEL_BANDS, VIDEO_FPS
from genstudio.signals.mel import loudness

from . import pack as packing
from .generator import session as performing
from .generator.visemes import Segments

if TYPE_CHECKING:
    from multiprocessing.context import SpawnContext

F32 = NDArray[np.float32]
SESSION = 750  # video frames, 30 s
HOPS = SESSION * FRAME_RATE // VIDEO_FPS


@dataclass(frozen=True)
class Session:
    """mel uint8 [hops, 80] (packed steps); motion float16 [frames, 62]; closure float16 [frames]; style float32 [16];
    path int16 [frames] and position float16 [frames]: where in the emotion bank each frame is."""

    mel: NDArray[np.uint8]
    motion: NDArray[np.float16]
    closure: NDArray[np.float16]
    style: F32
    path: NDArray[np.int16]
    position: NDArray[np.float16]


def assemble(rng: np.random.Generator, pack: packing.Pack) -> tuple[F32, Segments]:
    """Utterances one after another with pauses, at a random tempo: mel in dB [hops, 80], visemes in time."""
    tempo = float(rng.uniform(0.84, 1.2))
    level = rng.uniform(-60, -38)
    tilt = rng.normal(0, 6) * np.linspace(-1, 1, MEL_BANDS)
    mel = (level + tilt + 2.5 * rng.standard_normal((HOPS, MEL_BANDS))).astype(np.float32)
    starts, ends, visemes = [], [], []
    at = int(rng.exponential(40)) if rng.random() < 0.8 else 0
    if rng.random() < 0.05:  # nobody speaks: silence, or steady noise that normalisation raised to the level of speech
        mel += rng.uniform(0, 60)
        at = HOPS
    while at < HOPS - 20:
        steps, s = pack.utterance(int(rng.integers(len(pack.segments))))
        source = np.arange(int(len(steps) * tempo)) / tempo
        i = source.astype(int).clip(0, len(steps) - 2)
        part = (source - i)[:, None].astype(np.float32).clip(0, 1)
        sound = packing.dequantise(steps[i]) * (1 - part) + packing.dequantise(steps[i + 1]) * part
        sound = sound[: HOPS - at] + rng.normal(0, 1.5) + rng.uniform(-1, 1, (min(len(sound), HOPS - at), 1))
        n = len(sound)
        mel[at : at + n] = 10 * np.log10(10 ** (mel[at : at + n] / 10) + 10 ** (sound / 10))
        spoken = s.viseme > 0
        starts.append(s.start[spoken] * tempo + at / FRAME_RATE)
        ends.append(s.end[spoken] * tempo + at / FRAME_RATE)
        visemes.append(s.viseme[spoken])
        pause = rng.uniform(2.0, 6.0) if rng.random() < 0.12 else rng.gamma(1.6, 0.35)
        at += n + int(pause * FRAME_RATE)
    return mel, _with_pauses(starts, ends, visemes)


def _with_pauses(starts: list[F32], ends: list[F32], visemes: list[NDArray[np.int64]]) -> Segments:
    duration = SESSION / VIDEO_FPS
    a, b = (np.concatenate([*x, np.zeros(0, np.float32)]) for x in (starts, ends))
    v = np.concatenate([*visemes, np.zeros(0, np.int64)])
    keep = a < duration
    a, b, v = a[keep], b[keep], v[keep]
    left = np.concatenate([[0.0], b])
    right = np.concatenate([a, [duration]])
    gap = right - left > 0.06
    a2, b2, v2 = (
        np.concatenate([a, left[gap]]),
        np.concatenate([b, right[gap]]),
        np.concatenate([v, np.zeros(gap.sum(), np.int64)]),
    )
    order = np.argsort(a2, kind="stable")
    return Segments(a2[order].astype(np.float32), b2[order].astype(np.float32), v2[order].astype(np.int64))


def wander(rng: np.random.Generator, pack: packing.Pack) -> tuple[NDArray[np.int64], F32]:
    """An emotion over a session: held (mostly), passing over once, or coming and going. (path, position) per frame."""
    points = pack.bank.codes.shape[1] - 1
    path = np.full(SESSION, rng.integers(len(pack.bank.codes)), np.int64)
    kind = rng.choice(3, p=[0.45, 0.35, 0.20])
    ends = rng.permutation([0.0, float(points)])
    if kind == 0:
        return path, np.full(SESSION, ends[0] if rng.random() < 0.8 else rng.uniform(0, points), np.float32)
    keys = [0.0]
    while keys[-1] < SESSION:
        keys.append(keys[-1] + rng.uniform(60, 500 if kind == 1 else 180))
    position = np.full(SESSION, ends[0], np.float32)
    level = ends[0]
    for k in keys[1:]:
        target = ends[1] if level == ends[0] else ends[0]
        x = ((np.arange(SESSION) - k) / (rng.choice([0.35, 0.35, rng.uniform(0.5, 4.0)]) * VIDEO_FPS)).clip(0, 1)
        position += (target - level) * x * x * (3 - 2 * x)
        level = target
    return path, position.clip(0, points)


def along(values: F32, path: NDArray[np.int64], position: F32) -> F32:
    """Interpolate bank values [paths, points, ...] at each frame."""
    i = position.astype(int).clip(0, values.shape[1] - 2)
    part = (position - i).reshape(-1, *[1] * (values.ndim - 2)).astype(np.float32)
    return values[path, i] * (1 - part) + values[path, i + 1] * part


def make_session(rng: np.random.Generator, pack: packing.Pack) -> Session:
    """One random session of 30 s."""
    mel, segments = assemble(rng, pack)
    path, position = wander(rng, pack)
    bank = pack.bank
    feeling = performing.Feeling(*(along(v, path, position) for v in (bank.weights, bank.vad, bank.gain)))
    style = rng.standard_normal(performing.STYLE).astype(np.float32).clip(-2.5, 2.5)
    motion, closure = performing.perform(rng, segments, loudness(mel), feeling, style)
    return Session(
        packing.quantise(mel), motion.astype(np.float16), closure.astype(np.float16), style,
        path.astype(np.int16), position.astype(np.float16),
    )  # fmt: skip


def statistics(pack: packing.Pack, rng: np.random.Generator, sessions: int = 120) -> tuple[F32, F32]:
    """Mean and deviation of each channel over random sessions; small deviations are raised so that no channel is blown up."""
    x = np.concatenate([make_session(rng, pack).motion for _ in range(sessions)]).astype(np.float32)
    std = x.std(axis=0)
    blend = np.array([0.012 if i >= 52 else 0.06 for i in range(x.shape[1])], np.float32)
    return x.mean(axis=0), np.maximum(std, blend)


FIELDS = ("mel", "motion", "closure", "style", "path", "position")


def stack(sessions: list[Session]) -> dict[str, NDArray[Any]]:
    return {f: np.stack([getattr(s, f) for s in sessions]) for f in FIELDS}


def _work(path: Path, seed: int, out: Any, group: int) -> None:
    import os

    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    pack = packing.load(path)
    rng = np.random.default_rng(seed)
    while True:
        out.put(stack([make_session(rng, pack) for _ in range(group)]))


class Feed:
    """Worker processes that make sessions without end. `get` waits, `poll` does not."""

    def __init__(self, path: Path, workers: int, seed: int, group: int = 8) -> None:
        import multiprocessing

        context: SpawnContext = multiprocessing.get_context("spawn")
        self._queue = context.Queue(maxsize=workers * 3)
        self._workers = [
            context.Process(target=_work, args=(path, seed * 1000 + k, self._queue, group), daemon=True)
            for k in range(workers)
        ]
        for w in self._workers:
            w.start()

    def get(self, timeout: float = 120.0) -> dict[str, NDArray[Any]]:
        group: dict[str, NDArray[Any]] = self._queue.get(timeout=timeout)
        return group

    def poll(self) -> dict[str, NDArray[Any]] | None:
        try:
            group: dict[str, NDArray[Any]] = self._queue.get_nowait()
        except queue.Empty:
            return None
        return group

    def close(self) -> None:
        for w in self._workers:
            w.terminate()
