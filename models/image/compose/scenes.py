"""Makes the training scenes: many processes write into memory-mapped arrays until the time is up."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .layout import ATTRIBUTES, CHANNELS, GRID, MAX_OBJECTS, Layout, encode_maps

CHUNK = 50
LOW, HIGH = -1.6, 1.9  # range of encoded maps, stored in 8 bits


@dataclass(frozen=True)
class Pack:
    """What `prepare` wrote: prompts' specs and the emotions (with the point at which each is painted)."""

    specs: list[tuple[str, str, tuple[str, ...]]]
    painted: np.ndarray  # [emotions, 3]
    rows: list[dict[str, Any]]

    @staticmethod
    def read(folder: Path) -> Pack:
        from .bank import emotion_of, painted_vad

        specs = [(t, s, tuple(e)) for t, s, e in json.loads((folder / "specs.json").read_text())]
        rows = json.loads((folder / "emotions.json").read_text())
        return Pack(specs, np.array([painted_vad(emotion_of(r)) for r in rows]), rows)


def fields(n: int) -> dict[str, tuple[tuple[int, ...], Any]]:
    """Shape and dtype of every array of `n` scenes."""
    from ..scene import VECTOR
    from .layout import GLOBALS, TYPE_NAMES

    return {
        "maps": ((n, len(CHANNELS), GRID, GRID), np.uint8), "plan": ((n, len(GLOBALS) + len(TYPE_NAMES)), np.float32),
        "types": ((n, MAX_OBJECTS), np.int8), "objects": ((n, MAX_OBJECTS, len(ATTRIBUTES)), np.float16),
        "mood": ((n, VECTOR), np.float16), "prompt": ((n,), np.int32), "emotion": ((n,), np.int32),
    }  # fmt: skip


def plan_of(layout: Layout) -> np.ndarray:
    """Globals and counts, float32 [80]."""
    return np.concatenate([layout.globals_array(), layout.counts()])


def quantise(x: np.ndarray) -> np.ndarray:
    """Encoded maps to 8 bits."""
    return np.round((x - LOW) / (HIGH - LOW) * 255).astype(np.uint8)


_state: dict[str, Any] = {}


def _start(folder: str, pack: Pack, seed: int) -> None:
    import cv2

    cv2.setNumThreads(0)
    by_subject: dict[str, list[int]] = {}
    for i, (_, subject, _) in enumerate(pack.specs):
        by_subject.setdefault(subject, []).append(i)
    arrays = {p.stem: np.load(p, mmap_mode="r+") for p in Path(folder).glob("*.npy")}
    _state.update(pack=pack, seed=seed, arrays=arrays, by_subject=by_subject)


def _chunk(index: int) -> int:
    from .sampler import SUBJECT_NAMES, Spec, compose, moods

    pack, out = _state["pack"], _state["arrays"]
    for i in range(index * CHUNK, (index + 1) * CHUNK):
        rng = np.random.default_rng([_state["seed"], i])
        subject = SUBJECT_NAMES[int(rng.integers(len(SUBJECT_NAMES)))]
        prompt = int(rng.choice(_state["by_subject"][subject]))
        emotion = int(rng.integers(len(pack.painted)))
        spec = Spec(subject, pack.specs[prompt][2])
        vad = tuple(map(float, pack.painted[emotion]))
        layout = compose(spec, vad, int(rng.integers(2**62)))  # type: ignore[arg-type]
        n = len(layout.types)
        out["maps"][i] = quantise(encode_maps(layout.maps))
        out["plan"][i] = plan_of(layout)
        out["types"][i] = -1
        out["types"][i, :n] = layout.types
        out["objects"][i, :n] = layout.objects
        out["mood"][i] = moods(spec, vad, int(rng.integers(2**31)))  # type: ignore[arg-type]
        out["prompt"][i], out["emotion"][i] = prompt, emotion
    return index


def make(pack: Pack, folder: Path, count: int, seconds: float, workers: int, seed: int = 0) -> int:
    """Writes up to `count` scenes as *.npy into `folder`, stopping after `seconds`. Returns how many lie gapless at the start."""
    folder.mkdir(parents=True, exist_ok=True)
    room = (
        shutil.disk_usage(folder).free
        * 0.6
        / sum(np.prod(shape) * np.dtype(d).itemsize for shape, d in fields(1).values())
    )
    count = int(min(count, room)) // CHUNK * CHUNK
    for name, (shape, dtype) in fields(count).items():
        np.lib.format.open_memmap(folder / f"{name}.npy", "w+", dtype, shape)
    started, said = time.time(), 0.0
    done = np.zeros(count // CHUNK, bool)
    context = multiprocessing.get_context("fork" if os.name == "posix" else "spawn")
    with context.Pool(workers, _start, (str(folder), pack, seed)) as pool:
        for index in pool.imap_unordered(_chunk, range(count // CHUNK)):
            done[index] = True
            now = time.time() - started
            if now - said > 5:
                said = now
                print(f"scenes {done.sum() * CHUNK} of {count}, {now:.0f} s", file=sys.stderr, flush=True)
            if now > seconds:
                break
        pool.terminate()
    ready = int(np.argmin(done)) if not done.all() else len(done)
    print(
        f"{ready * CHUNK} scenes in {time.time() - started:.0f} s by {workers} processes", file=sys.stderr, flush=True
    )
    return ready * CHUNK
