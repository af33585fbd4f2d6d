"""Packs features of all clips and their augmented copies: `python -m genstudio.evaluators.speech.prepare`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np

from .augment import augment
from .data import CLASSES, emodb, emogator, readers
from .features import HOP, RATE, analyse, prepare
from .functionals import functionals, vector

FRAMES = 200  # frames of log mel kept a clip, 2 s
COPIES = {"emodb": 8, "emogator": 3, "kathleen": 2, "kerstin": 2}  # the first is the clip as it is
CHANNELS = 42  # 40 mel bands, F0, periodicity


def image(frames: object, length: int = FRAMES) -> np.ndarray:
    """What the convolutional net sees: float32 [length, 42]: log mel (0 at the clip's mean level), F0 in octaves, periodicity.

    Zeros after the end; the middle of what is longer.
    """
    f = frames
    on = np.flatnonzero(f.active)  # type: ignore[attr-defined]
    mel = f.mel[on]  # type: ignore[attr-defined]
    f0, period = f.f0[on], f.period[on]  # type: ignore[attr-defined]
    tone = np.where(f0 > 0, np.log2(np.maximum(f0, 1) / 55) - 1.7, 0)
    x = np.concatenate([(mel - mel.mean()) / 2.5, tone[:, None], period[:, None]], 1).astype(np.float32)
    if len(x) > length:
        start = (len(x) - length) // 2
        return x[start : start + length]
    return np.pad(x, ((0, length - len(x)), (0, 0)))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech_eval"))
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    from genstudio.media.audio import read_audio

    args.cache.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(args.seed)
    clips = emodb(args.data) + emogator(args.data) + readers(args.data)
    rows, images, meta = [], [], []
    began = time.monotonic()
    names: tuple[str, ...] = ()
    for i, clip in enumerate(clips):
        x = read_audio(clip.path, rate=RATE, allow_silent=True)
        if clip.corpus in ("kathleen", "kerstin") and len(x) > 2.2 * RATE:  # as long as the acted clips
            start = int(random.integers(0, len(x) - 2 * RATE))
            x = x[start : start + 2 * RATE]
        for copy in range(COPIES[clip.corpus]):
            frames = analyse(prepare(augment(x, random) if copy else x, RATE))
            if frames.active.sum() * HOP < 0.1:
                continue
            row, names = vector(functionals(frames))
            rows.append(row)
            images.append(image(frames).astype(np.float16))
            meta.append((clip.corpus, clip.speaker, CLASSES.index(clip.label), i, copy, clip.path.stem))
        if i % 200 == 0:
            gone = time.monotonic() - began
            print(
                f"{i}/{len(clips)} clips, {gone / max(i, 1) * (len(clips) - i):.0f} s left", file=sys.stderr, flush=True
            )
    columns = list(zip(*meta, strict=True))
    np.savez(
        args.cache / "speech.npz", functionals=np.array(rows), names=np.array(names), images=np.array(images),
        corpus=np.array(columns[0]), speaker=np.array(columns[1]), label=np.array(columns[2]), clip=np.array(columns[3]),
        copy=np.array(columns[4]), stem=np.array(columns[5]),
    )  # fmt: skip


if __name__ == "__main__":
    main()
