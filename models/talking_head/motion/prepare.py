"""Pack the corpus for training: `python -m genstudio.models.talking_head.motion.prepare --data DIR`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genstudio.emotion import EKMAN, Emotion
from genstudio.emotion.encoder import EmotionEncoder
from genstudio.media.rates import SAMPLE_RATE
from genstudio.signals.mel import log_mel

from . import corpus, pack
from .generator.visemes import Segments, segments

if TYPE_CHECKING:
    from collections.abc import Iterable

PATHS, POINTS = 1400, 7
_KATHLEEN = 480  # utterances: about 27 minutes, what fits a pack of 9 MB


def any_emotion(rng: np.random.Generator) -> Emotion:
    """A random emotion as users ask for them: mostly one of the seven, mixes, points of the space, other names."""
    from genstudio.emotion import norms

    kind = rng.choice(5, p=[0.42, 0.10, 0.20, 0.16, 0.12])
    felt = [name for name in EKMAN if name != "neutral"]
    if kind == 0:
        return Emotion.of(str(rng.choice(felt)), float(rng.choice([1.0, rng.uniform(0.15, 1.5)])))
    if kind == 1:
        return Emotion.neutral()
    if kind == 2:
        a, b = rng.choice(felt, 2, replace=False)
        w = float(rng.uniform(0.2, 0.8))
        return Emotion.of_categories({str(a): w, str(b): 1 - w}).scaled(float(rng.uniform(0.5, 1.3)))
    if kind == 3:
        v, a = rng.uniform(-1, 1, 2)
        d = float(rng.uniform(-1, 1)) if rng.random() < 0.5 else None
        return Emotion.from_vad(float(v), float(a), d)
    return Emotion.of(str(rng.choice(list(norms.vocabulary())))).scaled(float(rng.uniform(0.4, 1.3)))


def emotion_gain(e: Emotion) -> float:
    """What intensity above 1 adds to the amplitude (below 1 the categories themselves fade towards neutral)."""
    return max(1.0, e.intensity)


def make_bank(rng: np.random.Generator, encoder: EmotionEncoder, paths: int = PATHS) -> pack.Bank:
    """Random paths through the emotion space, encoded."""
    import torch

    emotions = []
    for _ in range(paths):
        a, b = any_emotion(rng), any_emotion(rng)
        emotions += [a.interpolate(b, k / (POINTS - 1)) for k in range(POINTS)]
    with torch.no_grad():
        codes = torch.cat([encoder(emotions[i : i + 512]).pooled for i in range(0, len(emotions), 512)]).numpy()
    shape = (paths, POINTS)
    return pack.Bank(
        codes.reshape(*shape, -1).astype(np.float32),
        np.array([list(e.ekman().values()) for e in emotions], np.float32).reshape(*shape, 7),
        np.array([e.vad for e in emotions], np.float32).reshape(*shape, 3),
        np.array([emotion_gain(e) for e in emotions], np.float32).reshape(shape),
    )


def speech(utterances: Iterable[corpus.Utterance], sampa: bool) -> tuple[list[pack.U8], list[Segments]]:
    """Quantised mel and visemes of each utterance."""
    mels, segs = [], []
    for u in utterances:
        x = u.samples(SAMPLE_RATE)
        mel = pack.quantise(log_mel(x))
        mels.append(mel)
        segs.append(segments(u.phones, len(mel) / 100, sampa))
    return mels, segs


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--cache", type=Path, default=Path(".cache/pack/motion"))
    p.add_argument("--align-cache", type=Path, default=Path(".cache/motion"))
    p.add_argument("--kathleen", type=int, default=_KATHLEEN, help="utterances of the reading voice")
    p.add_argument("--seed", type=int, default=0)
    args = p.parse_args()
    rng = np.random.default_rng(args.seed)
    bank = make_bank(rng, EmotionEncoder.load())
    reading = [u for u in corpus.kathleen(args.data, args.align_cache) if not u.held_out]
    chosen = [reading[i] for i in sorted(rng.permutation(len(reading))[: args.kathleen])]
    mels, segs = speech(chosen, sampa=False)
    acted = speech([u for u in corpus.emodb(args.data) if not u.held_out], sampa=True)
    mels, segs = mels + acted[0], segs + acted[1]
    from .data import statistics

    draft = pack.Pack(
        np.concatenate(mels),
        np.cumsum([0] + [len(m) for m in mels]),
        segs,
        bank,
        np.zeros(62, np.float32),
        np.ones(62, np.float32),
    )
    mean, std = statistics(draft, rng)
    pack.save(args.cache / pack.NAME, mels, segs, bank, mean, std)
    size = (args.cache / pack.NAME).stat().st_size / 2**20
    print(f"{len(mels)} utterances, {sum(map(len, mels)) / 6000:.1f} min, {size:.1f} MiB", file=sys.stderr)


if __name__ == "__main__":
    main()
